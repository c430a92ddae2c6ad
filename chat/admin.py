"""Records of the chat, to look at; the work is done on pages of its own."""

from django.contrib import admin
from django.http import HttpRequest

from chat.models import Action, Finding, LoanApplication, MortgageRate, Reply, Starter, Ticket


@admin.register(Starter)
class StarterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ("text", "topic", "place")
    list_editable = ("place",)
    fields = ("text", "topic", "place")


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that the product writes: nobody adds, changes or deletes one here."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


@admin.register(Reply)
class ReplyAdmin(ReadOnlyAdmin):
    """Replies with their receipts."""

    list_display = ("created_at", "status", "question", "model", "version")
    list_filter = ("status", "version")
    list_select_related = ("question", "version")
    date_hierarchy = "created_at"


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """What guardrails said; where they were wrong is marked on a page of its own."""

    list_display = ("created_at", "guardrail", "reads", "action", "reason", "marked_wrong_at")
    list_filter = ("action", "guardrail")
    date_hierarchy = "created_at"


@admin.register(Action)
class ActionAdmin(ReadOnlyAdmin):
    """What was offered to customers on cards, and what came of it."""

    list_display = ("created_at", "tool", "state", "ended_at")
    list_filter = ("tool", "state")


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    """A customer's own words, sent by the customer's own click."""

    list_display = ("id", "subject", "customer", "created_at")
    search_fields = ("subject", "customer__username")


@admin.register(MortgageRate)
class MortgageRateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("week", "term", "percent", "is_sample", "fetched_at")
    list_filter = ("term", "is_sample")
    date_hierarchy = "week"


@admin.register(LoanApplication)
class LoanApplicationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("reference", "customer", "status", "amount", "term", "submitted_on")
    list_filter = ("status",)
    list_select_related = ("customer",)
    search_fields = ("reference", "customer__username")
    raw_id_fields = ("customer",)
