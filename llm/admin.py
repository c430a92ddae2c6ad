"""The ledger, to look at."""

from django.contrib import admin
from django.http import HttpRequest

from llm.models import Call


@admin.register(Call)
class CallAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Every call to a model. Nobody adds, changes or deletes one here."""

    list_display = ("created_at", "purpose", "version", "alias", "served_by", "outcome", "duration_ms")
    list_filter = ("purpose", "outcome", "alias")
    search_fields = ("=turn", "=request_hash")
    date_hierarchy = "created_at"

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Call | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Call | None = None) -> bool:
        return False
