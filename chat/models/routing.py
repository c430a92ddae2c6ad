"""Which model answered each question, why, and for a share of them what the other one would have answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from knowledge.access import Viewer


class RouteQuerySet(models.QuerySet["Route"]):
    def visible_to(self, viewer: Viewer) -> RouteQuerySet:
        """All of them for those who manage the assistant, nothing for anybody else."""
        return self.all() if viewer.can_manage_assistant else self.none()


class Route(models.Model):
    """The choice of a model for one question. Its calls are in the ledger under `reply`."""

    reply = models.UUIDField(unique=True, help_text="Whose turn it was")
    kept_with = models.OneToOneField(
        "chat.Reply",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="route",
        help_text="The row that it is deleted with: nothing of a reply outlives it here",
    )
    version = models.ForeignKey(
        "chat.AssistantVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    assistant = models.CharField(max_length=64, help_text="The hash of the record that chose")
    question = models.TextField(blank=True, help_text="Standing alone; without personal data")
    language = models.CharField(max_length=8, blank=True)
    signals = models.JSONField(default=dict, help_text="The signs of an easy question, each from 0 to 1")
    ease = models.FloatField(help_text="From 0, hard, to 1")
    rule = models.CharField(max_length=60, blank=True, help_text="What alone sent it to the strong model")
    first = models.CharField(max_length=20, help_text="The alias that was asked first")
    served = models.CharField(max_length=20, blank=True, help_text="The alias whose answer was shown; empty: none")
    held_back = models.CharField(max_length=60, blank=True, help_text="Why the small model's answer was not shown")
    share = models.FloatField(default=0, help_text="The probability with which it was picked to be compared")
    is_compared = models.BooleanField(default=False, help_text="It was picked: the other model answers too")
    small = models.JSONField(default=dict, blank=True, help_text="The small model's answer, where it is known")
    strong = models.JSONField(default=dict, blank=True, help_text="The strong model's answer, where it is known")
    tried = models.PositiveSmallIntegerField(default=0, help_text="How often the other model was asked in vain")
    created_at = models.DateTimeField(default=timezone.now)

    objects = RouteQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at"], name="route_latest"),  # the page's figures
            # what the worker has answered by the other model, and what is judged
            models.Index(fields=["created_at"], condition=models.Q(is_compared=True), name="route_compared"),
        ]

    def __str__(self) -> str:
        return f"{self.first} → {self.served or 'nobody'}"
