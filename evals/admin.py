"""Records of the evals, to look at; the work is done on pages of its own."""

from django.contrib import admin

from chat.admin import ReadOnlyAdmin
from evals.models import CaseRevision, Dataset, DatasetVersion, Generation, Grading, Result, Review, Run


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    """Sets of cases."""

    list_display = ("slug", "title", "purpose", "primary_metric", "gates", "created_at", "archived_at")
    list_filter = ("purpose", "gates")
    search_fields = ("slug", "title")


@admin.register(DatasetVersion)
class DatasetVersionAdmin(ReadOnlyAdmin):
    """Frozen versions; their cases are on the page of the set."""

    list_display = ("dataset", "number", "size", "hash", "created_at")
    list_filter = ("dataset",)
    list_select_related = ("dataset",)
    exclude = ("cases",)


@admin.register(CaseRevision)
class CaseRevisionAdmin(ReadOnlyAdmin):
    """Every revision of every case, also of those that are out of their set."""

    list_display = ("key", "revision", "dataset", "state", "origin", "is_latest", "created_at")
    list_filter = ("dataset", "state", "origin", "is_latest")
    list_select_related = ("dataset",)
    search_fields = ("key",)
    date_hierarchy = "created_at"


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    """Documents that cases were written from."""

    list_display = ("created_at", "dataset", "title", "state", "wanted", "kept", "is_demo")
    list_filter = ("state",)
    list_select_related = ("dataset",)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Runs, and why each was made."""

    list_display = ("id", "created_at", "dataset_version", "assistant_version", "trigger", "state", "expected", "note")
    list_filter = ("state", "trigger")
    list_select_related = ("dataset_version__dataset", "assistant_version")
    date_hierarchy = "created_at"


@admin.register(Result)
class ResultAdmin(ReadOnlyAdmin):
    """Single answers."""

    list_display = ("id", "run", "question", "passed", "is_hard_failure", "served_by", "error", "ms")
    list_filter = ("passed", "is_hard_failure", "served_by")
    list_select_related = ("run",)
    search_fields = ("=turn",)


@admin.register(Grading)
class GradingAdmin(ReadOnlyAdmin):
    """Every word of graders and of people on an answer."""

    list_display = ("id", "result", "grader", "outcome", "label", "score", "passed", "is_current", "is_demo")
    list_filter = ("grader", "outcome", "is_current", "is_demo")
    list_select_related = ("result",)


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """What waits for people's words."""

    list_display = ("id", "result", "created_at")
    list_select_related = ("result",)
