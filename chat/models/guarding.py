"""What guardrails said, one row for each verdict, so that people can say where they were wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from chat.models.conversation import Reply

if TYPE_CHECKING:
    from knowledge.access import Viewer


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, viewer: Viewer) -> FindingQuerySet:
        """All of them for staff, nothing for anybody else."""
        return self.all() if viewer.is_staff else self.none()


class Finding(models.Model):
    """One guardrail's verdict in one turn. Sentences that were allowed are one row, with their `count`."""

    class Action(models.TextChoices):
        ALLOW = "allow"
        REWRITE = "rewrite"
        HAND_OVER = "hand_over"
        REFUSE = "refuse"

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="findings")
    guardrail = models.CharField(max_length=60)
    reads = models.CharField(max_length=10, help_text="question, sentence or answer")
    action = models.CharField(max_length=10, choices=Action)
    reason = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True, help_text="What it read, with personal data masked; empty when it was allowed")
    count = models.PositiveSmallIntegerField(default=1)
    ms = models.FloatField(default=0)
    marked_wrong_at = models.DateTimeField(null=True, blank=True)
    marked_wrong_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    comment = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # the desk's list of what was stopped or changed, newest first
            models.Index(
                fields=["-created_at"], condition=~models.Q(action="allow"), name="finding_latest_not_allowed"
            ),
            # those that people found wrong, what was allowed among them
            models.Index(
                fields=["-created_at"],
                condition=models.Q(marked_wrong_at__isnull=False),
                name="finding_latest_marked_wrong",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardrail}: {self.action}"
