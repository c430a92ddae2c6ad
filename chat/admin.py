"""Records of the chat, to look at; the work is done on pages of its own."""

from django.contrib import admin

from chat.models import Starter


@admin.register(Starter)
class StarterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    list_display = ("text", "topic", "place")
    list_editable = ("place",)
    fields = ("text", "topic", "place")
