"""The queue of answers that people grade."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from evals.models.access import StaffQuerySet
from evals.models.runs import Result


class ReviewQuerySet(StaffQuerySet["Review"]):
    def open(self) -> ReviewQuerySet:
        return self.filter(state__in=[Review.State.OPEN, Review.State.DISPUTED])


class Review(models.Model):
    """One answer to be graded by people, by one rubric: two of them, and a third where they differ."""

    class State(models.TextChoices):
        OPEN = "open"
        DISPUTED = "disputed"
        SETTLED = "settled"
        DROPPED = "dropped"

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="reviews")
    grader = models.CharField(max_length=60, help_text="The rubric")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    wanted = models.PositiveSmallIntegerField(default=2, help_text="How many people grade it")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is in the queue")
    priority = models.SmallIntegerField(default=0)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    locked_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-priority", "id"]
        constraints = [models.UniqueConstraint(fields=["result", "grader"], name="one_review_a_result_and_rubric")]
        indexes = [
            # the next one for a reviewer
            models.Index(
                fields=["-priority", "id"],
                condition=models.Q(state__in=["open", "disputed"]),
                name="review_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.grader} of result {self.result_id}"
