"""Versions of the assistant: drafts, the live one, those that were live before; and the log of what was live when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Max

if TYPE_CHECKING:
    from knowledge.access import Viewer


class AssistantVersionQuerySet(models.QuerySet["AssistantVersion"]):
    def visible_to(self, viewer: Viewer) -> AssistantVersionQuerySet:
        """All of them for those who manage the assistant, nothing for anybody else: prompts are not for all staff."""
        return self.all() if viewer.can_manage_assistant else self.none()

    def next_number(self) -> int:
        return (self.aggregate(last=Max("number"))["last"] or 0) + 1


class AssistantVersion(models.Model):
    """What `chat.assistant.Assistant` says, under a number. A draft may change; what has been live never does.

    A trigger in the database holds number, content and hash of all but drafts, so that no code can forget it.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        LIVE = "live"
        RETIRED = "retired"
        DISCARDED = "discarded"  # kept, so that its number is never given again

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    content = models.JSONField()
    hash = models.CharField(max_length=64, help_text="SHA-256 of the content's canonical JSON")
    note = models.CharField(max_length=200, blank=True, help_text="What changed, for people")
    code = models.JSONField(
        default=dict, blank=True, help_text="The parts that the code brought when this was made, each as a short hash"
    )
    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = AssistantVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        permissions = [("manage_assistant", "Can edit, publish and roll back the assistant, and read its prompts")]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="live"), name="one_live_assistant_version"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.number} ({self.state})"


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, viewer: Viewer) -> PublicationQuerySet:
        """All of them for those who manage the assistant, nothing for anybody else."""
        return self.all() if viewer.can_manage_assistant else self.none()


class Publication(models.Model):
    """A version went live. The latest one before a moment says what was live then."""

    version = models.ForeignKey(AssistantVersion, on_delete=models.PROTECT, related_name="publications")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200)
    override = models.CharField(
        max_length=400, blank=True, help_text="Why it was published although its gate spoke against it"
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"v{self.version.number}, {self.at:%Y-%m-%d %H:%M}"
