"""What the assistant may do for a customer, once the customer has clicked; and what came of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from chat.models.conversation import Conversation, Reply

if TYPE_CHECKING:
    from knowledge.access import Viewer


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, viewer: Viewer) -> ActionQuerySet:
        """Those of the viewer's own replies."""
        return self.filter(reply__in=Reply.objects.visible_to(viewer))


class Action(models.Model):
    """A call of a write tool that waits for the customer's click: for exactly these arguments, once."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        DECLINED = "declined"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="actions")
    place = models.PositiveSmallIntegerField(default=1, help_text="Its place among the reply's actions")
    tool = models.CharField(max_length=60)
    arguments = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    result = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["reply", "place"], name="action_place_once_a_reply")]

    def __str__(self) -> str:
        return f"{self.tool} ({self.state})"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, viewer: Viewer) -> TicketQuerySet:
        """All for staff; for customers those of their own conversations."""
        if viewer.is_staff:
            return self.all()
        return self.filter(conversation__in=Conversation.objects.visible_to(viewer))


class Ticket(models.Model):
    """A request that a person will answer. `key` makes a repeated click open no second one (F15)."""

    key = models.UUIDField(unique=True, help_text="The action that opened it")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets"
    )
    subject = models.CharField(max_length=120)
    details = models.TextField(max_length=4000)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"
