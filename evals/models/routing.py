"""What was said of the small model's answer beside the strong one's, to the same question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from knowledge.access import Viewer


class RouteVerdictQuerySet(models.QuerySet["RouteVerdict"]):
    def visible_to(self, viewer: Viewer) -> RouteVerdictQuerySet:
        """All of them for those who manage the assistant, as the routes themselves."""
        return self.all() if viewer.can_manage_assistant else self.none()

    def current(self) -> RouteVerdictQuerySet:
        """The words that were not taken back, nor said anew."""
        return self.filter(is_current=True)

    def by_machines(self) -> RouteVerdictQuerySet:
        return self.filter(is_human=False)

    def by_people(self) -> RouteVerdictQuerySet:
        return self.filter(is_human=True)


class RouteVerdict(models.Model):
    """One word on the two answers of a compared route: the small model's is better, a tie, or worse.

    A person's word goes before a judge's; what was said before is kept with `is_current` off.
    """

    route = models.ForeignKey("chat.Route", on_delete=models.CASCADE, related_name="verdicts")
    grader = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=12, blank=True, help_text="Of the grader; empty for a person")
    model = models.CharField(max_length=200, blank=True, help_text="The model that judged")
    is_demo = models.BooleanField(default=False, help_text="The demo model's word: shown, never used to decide")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_human = models.BooleanField(default=False)
    is_current = models.BooleanField(default=True)
    outcome = models.CharField(max_length=10, help_text="scored, abstained or failed")
    label = models.CharField(max_length=10, blank=True, help_text="better, tie or worse")
    lost = models.FloatField(null=True, blank=True, help_text="Quality lost: 1 worse, 0 a tie, -1 better")
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=list, blank=True)
    cost_microdollars = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RouteVerdictQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["route"],
                condition=models.Q(is_current=True, is_human=False),
                name="one_current_verdict_of_judges",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label or self.outcome} on {self.route_id}"
