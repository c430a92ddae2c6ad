"""Sets of cases. A case is never changed: it gets another revision; a version of a set is frozen with its cases."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models

from evals.cases import Case
from evals.models.access import StaffQuerySet


class DatasetQuerySet(StaffQuerySet["Dataset"]):
    def in_use(self) -> DatasetQuerySet:
        return self.filter(archived_at=None)


class Dataset(models.Model):
    """A set of cases for one purpose."""

    class Purpose(models.TextChoices):
        GOLDEN = "golden", "Golden: what the assistant must be able to do"
        REGRESSION = "regression", "Regression: what once went wrong"
        UNKNOWN = "unknown", "Don't know: what it cannot know, and must say so"
        SAFETY = "safety", "Safety: what it must not do"
        CALIBRATION = "calibration", "Calibration: to hold judges against people"

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.GOLDEN)
    description = models.TextField(blank=True)
    primary_metric = models.CharField(
        max_length=60, default="passed", help_text="The one that decides: `passed`, or a grader's name"
    )
    gates = models.BooleanField(default=False, help_text="A version is published only after it has passed this set")
    margin = models.FloatField(default=0.03, help_text="How much worse the primary metric may be, as a share")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(condition=models.Q(margin__gte=0, margin__lte=1), name="dataset_margin_is_a_share")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def purpose_word(self) -> str:
        """Its purpose in a word or two."""
        return self.get_purpose_display().partition(":")[0]


class CaseQuerySet(StaffQuerySet["CaseRevision"]):
    def present(self) -> CaseQuerySet:
        """The newest revision of each case that is in its set now, those that wait for a person's word among them."""
        return self.filter(is_latest=True).exclude(state=CaseRevision.State.REMOVED)

    def approved(self) -> CaseQuerySet:
        """What the next version of a set is frozen from."""
        return self.filter(is_latest=True, state=CaseRevision.State.APPROVED)


class CaseRevision(models.Model):
    """One revision of a case: `content` is what `evals.cases.Case` says and never changes; the state does."""

    class State(models.TextChoices):
        PROPOSED = "proposed"  # by a model or from a real turn; it counts once a person has approved it
        APPROVED = "approved"
        REMOVED = "removed"

    class Origin(models.TextChoices):
        WRITTEN = "written"
        IMPORTED = "imported"
        REPLY = "reply"  # of a real conversation, with personal data masked
        GENERATED = "generated"  # by a model, from a document
        CORRECTED = "corrected"  # from an earlier revision

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="cases")
    key = models.CharField(max_length=80, help_text="The case's id, the same over all its revisions")
    revision = models.PositiveIntegerField(default=1)
    is_latest = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State, default=State.APPROVED)
    content = models.JSONField()
    hash = models.CharField(max_length=64, help_text="SHA-256 of the content's canonical JSON")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.WRITTEN)
    reply = models.ForeignKey("chat.Reply", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    document = models.ForeignKey(
        "knowledge.Document", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True, help_text="Why this revision, for people")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["key", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "key", "revision"], name="case_revision_once"),
            models.UniqueConstraint(
                fields=["dataset", "key"], condition=models.Q(is_latest=True), name="one_latest_revision_a_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} r{self.revision}"

    @cached_property
    def case(self) -> Case:
        """The content, checked. What this code does not know (any more) is passed over."""
        return Case.model_validate(self.content, extra="ignore")


class DatasetVersionQuerySet(StaffQuerySet["DatasetVersion"]):
    pass


class DatasetVersion(models.Model):
    """The cases of a set at one moment, frozen. The hash covers all their contents."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True)
    cases = models.ManyToManyField(CaseRevision, related_name="versions")
    size = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DatasetVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_once")]

    def __str__(self) -> str:
        return f"{self.dataset.slug}@{self.number}"
