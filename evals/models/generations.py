"""Cases that a model was asked to write from a document, and what became of them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from evals.models.access import StaffQuerySet
from evals.models.datasets import Dataset

GIVEN_UP_AFTER = timedelta(minutes=20)  # without an end: its worker has died


class GenerationQuerySet(StaffQuerySet["Generation"]):
    def under_way(self) -> GenerationQuerySet:
        return self.filter(state__in=[Generation.State.WAITING, Generation.State.RUNNING])


class Generation(models.Model):
    """One document, and how many cases were wanted. `dropped` counts those that were not kept, by the reason."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="generations")
    document = models.ForeignKey(
        "knowledge.Document", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    title = models.CharField(max_length=255, help_text="Of the document, as it was")
    wanted = models.PositiveSmallIntegerField()
    languages = models.CharField(max_length=60, blank=True, help_text="Other languages to ask in, such as es, zh")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    kept = models.PositiveSmallIntegerField(default=0)
    dropped = models.JSONField(default=dict, blank=True)
    problem = models.CharField(max_length=400, blank=True)
    is_demo = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.wanted} cases from {self.title}"

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING} and not self.is_given_up

    @property
    def is_given_up(self) -> bool:
        """Nobody has finished it in a time in which it should have been."""
        return self.ended_at is None and timezone.now() - self.created_at > GIVEN_UP_AFTER
