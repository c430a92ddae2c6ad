"""Records of the library, for a look; the work is done on its own pages."""

from django.contrib import admin
from django.http import HttpRequest

from knowledge.models import Collection, Document


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # subscriptable for mypy only
    """Collections and who may read them."""

    fields = ("name", "audience")
    list_display = ("name", "audience", "created_at")


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Documents, to be read only: a file is received, replaced and removed on the library's pages."""

    fields = readonly_fields = ("collection", "name", "title", "created_at", "removed_at")
    list_display = ("title", "collection", "created_at", "removed_at")
    list_filter = ("collection",)
    search_fields = ("title", "name")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Document | None = None) -> bool:
        return False
