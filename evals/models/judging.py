"""What judges were put to, beside answering: the same answers again, padded, or in the other order."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from evals.models.access import StaffQuerySet


class JudgeProbeQuerySet(StaffQuerySet["JudgeProbe"]):
    def open(self) -> JudgeProbeQuerySet:
        return self.filter(state__in=[JudgeProbe.State.WAITING, JudgeProbe.State.RUNNING])

    def done(self) -> JudgeProbeQuerySet:
        return self.filter(state=JudgeProbe.State.DONE)


class JudgeProbe(models.Model):
    """One probe of one version of a judge. Each word is kept when it is there, so that it resumes where it ended."""

    class Kind(models.TextChoices):
        REPEATS = "repeats", "The same answers again"
        PADDING = "padding", "The same answers, padded"
        CALIBRATION = "calibration", "All answers that people have graded"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    grader = models.CharField(max_length=60)
    version = models.CharField(max_length=12, help_text="Of the grader")
    model = models.CharField(max_length=200, blank=True)
    is_demo = models.BooleanField(default=False)
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    results = models.JSONField(default=list, help_text="Ids of the answers")
    rounds = models.PositiveSmallIntegerField(default=1, help_text="How often each is graded")
    words = models.JSONField(default=list, blank=True, help_text="[{result, round, word, score}], as they came")
    problem = models.CharField(max_length=400, blank=True)
    cost_microdollars = models.PositiveBigIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Renewed with each word")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = JudgeProbeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # two clicks are one probe
            models.UniqueConstraint(
                fields=["grader", "kind"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_open_probe_a_kind",
            )
        ]
        indexes = [models.Index(fields=["grader", "version"], name="probe_of_judge")]  # the licence

    def __str__(self) -> str:
        return f"{self.kind} of {self.grader}"

    @property
    def wanted(self) -> int:
        """How many words it asks for."""
        return len(self.results) * self.rounds
