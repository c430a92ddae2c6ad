"""A run: a version of a set, answered by a version of the assistant, kept at the level of each single answer."""

from __future__ import annotations

import uuid
from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils import timezone

from evals.answers import Answer, answer_from
from evals.models.access import StaffQuerySet
from evals.models.datasets import CaseRevision, DatasetVersion


class RunQuerySet(StaffQuerySet["Run"]):
    def open(self) -> RunQuerySet:
        """Those that a worker has or may take."""
        return self.filter(state__in=[Run.State.WAITING, Run.State.RUNNING])


class Run(models.Model):
    """What was asked, of which version, what had changed and why. One with the trigger `online` holds real turns."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        PAUSED = "paused"
        OVER_BUDGET = "over_budget", "stopped at its budget"
        STOPPED = "stopped"
        FAILED = "failed"
        DONE = "done"

    class Trigger(models.TextChoices):
        DESK = "desk"
        COMMAND = "command"
        IMPORT = "import"
        ONLINE = "online"

    dataset_version = models.ForeignKey(
        DatasetVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    assistant_version = models.ForeignKey(
        "chat.AssistantVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    assistant_hash = models.CharField(max_length=64, blank=True, help_text="Of the version, as it was: a draft changes")
    label = models.CharField(max_length=120, blank=True, help_text="Names who answered where no version did")
    baseline = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    repetitions = models.PositiveSmallIntegerField(default=1)
    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.DESK)
    changed = models.JSONField(
        default=list, blank=True, help_text="The parts that differ from the baseline: prompts, retrieval, documents, …"
    )
    note = models.CharField(max_length=400, blank=True, help_text="What was changed and why, for people")
    graders = models.JSONField(default=dict, blank=True, help_text="name → {version, model}, as they graded this run")
    circumstances = models.JSONField(
        default=dict, blank=True, help_text="Models behind the aliases, a hash of the live documents, of the code"
    )
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=400, blank=True, help_text="Why it failed or stopped, for people")
    budget_microdollars = models.PositiveBigIntegerField(null=True, blank=True)
    estimate_microdollars = models.PositiveBigIntegerField(null=True, blank=True)
    expected = models.PositiveIntegerField(default=0, help_text="Answers that it will have: cases × repetitions")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Renewed by the worker that has it")
    worker = models.CharField(max_length=60, blank=True, help_text="The token of the worker that has it")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # what workers look for, and the reaper of those whose worker died
            models.Index(
                fields=["heartbeat_at"], condition=models.Q(state__in=["waiting", "running"]), name="run_open"
            ),
            models.Index(fields=["dataset_version", "-created_at"], name="run_of_set"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}


class ResultQuerySet(StaffQuerySet["Result"]):
    def without_answers(self) -> ResultQuerySet:
        """For pages that list many: the long columns stay in the database."""
        return self.defer("answer", "receipt")


class Result(models.Model):
    """One answer. It is written once the answer is whole, so that a run resumes with those that have none."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="results")
    case = models.ForeignKey(CaseRevision, on_delete=models.PROTECT, null=True, blank=True, related_name="results")
    reply = models.ForeignKey("chat.Reply", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    question = models.TextField(help_text="As it was asked; of a real turn with personal data masked")
    repetition = models.PositiveSmallIntegerField(default=1)
    weight = models.FloatField(default=1, help_text="How many real turns it stands for")
    turn = models.UUIDField(default=uuid.uuid4, help_text="Its calls in the ledger")
    text = models.TextField(blank=True)
    error = models.CharField(max_length=80, blank=True, help_text="The code of what left it without an answer")
    answer = models.JSONField(default=dict, blank=True, help_text="evals.answers.Answer: passages, look-ups, times")
    receipt = models.JSONField(default=dict, blank=True)
    served_by = models.CharField(max_length=40, blank=True, help_text="model, guardrail, nothing, saved answer")
    model = models.CharField(max_length=200, blank=True)
    first_word_ms = models.PositiveIntegerField(null=True, blank=True)
    ms = models.PositiveIntegerField(default=0)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost_microdollars = models.PositiveBigIntegerField(null=True, blank=True, help_text="Empty when no price is known")
    passed = models.BooleanField(null=True, blank=True, help_text="By the rules; empty when a rule broke or was silent")
    is_hard_failure = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "case", "repetition"], name="result_once_a_case_and_repetition"),
            models.UniqueConstraint(
                fields=["run", "reply"], condition=models.Q(reply__isnull=False), name="result_once_a_real_turn"
            ),
        ]
        indexes = [models.Index(fields=["case", "-created_at"], name="result_of_case")]  # one case over all runs

    def __str__(self) -> str:
        return f"{self.run_id}: {self.question[:60]}"

    @cached_property
    def reading(self) -> Answer:
        """The answer as graders read it."""
        return answer_from(self.answer)


class GradingQuerySet(StaffQuerySet["Grading"]):
    def by_machines(self) -> GradingQuerySet:
        """What graders say now; of one that graded again the last word."""
        return self.filter(is_human=False, is_current=True)

    def by_people(self) -> GradingQuerySet:
        return self.filter(is_human=True, is_current=True)


class Grading(models.Model):
    """One word on one answer, by a grader or by a person: scored, abstained or failed, and why.

    What was said before is kept with `is_current` off. A person grades by a grader's rubric, under its name.
    """

    class Outcome(models.TextChoices):
        SCORED = "scored"
        ABSTAINED = "abstained"
        FAILED = "failed"

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="gradings")
    against = models.ForeignKey(
        Result, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="The answer compared with"
    )
    grader = models.CharField(max_length=60)
    version = models.CharField(max_length=12, blank=True, help_text="Of the grader; empty for a person")
    model = models.CharField(max_length=200, blank=True, help_text="The model that judged")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_human = models.BooleanField(default=False, help_text="A person said so, whose account may be gone")
    rater = models.CharField(max_length=60, blank=True, help_text="Of an imported word: the person's name there")
    review = models.ForeignKey(
        "evals.Review", on_delete=models.SET_NULL, null=True, blank=True, related_name="gradings"
    )
    settles = models.BooleanField(default=False, help_text="The last word where two people differed")
    outcome = models.CharField(max_length=10, choices=Outcome)
    label = models.CharField(max_length=40, blank=True)
    points = models.PositiveSmallIntegerField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True, help_text="From 0 to 1")
    passed = models.BooleanField(null=True, blank=True)
    is_hard_failure = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False, help_text="The demo model's word: shown, never used to decide")
    is_current = models.BooleanField(default=True)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=list, blank=True)
    ms = models.PositiveIntegerField(default=0)
    cost_microdollars = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = GradingQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "grader", "against"],
                condition=models.Q(is_human=False, is_current=True),
                nulls_distinct=False,
                name="one_current_grading_a_grader",
            ),
            models.UniqueConstraint(
                fields=["result", "grader", "person"],
                condition=models.Q(is_human=True, person__isnull=False, is_current=True),
                name="one_current_grading_a_person",
            ),
            models.UniqueConstraint(
                fields=["result", "grader", "rater"],
                condition=models.Q(is_human=True, is_current=True) & ~models.Q(rater=""),
                name="one_current_grading_a_rater",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="scored", score__gte=0, score__lte=1)
                | (~models.Q(outcome="scored") & models.Q(score=None)),
                name="only_what_is_scored_has_a_score",
            ),
        ]
        indexes = [models.Index(fields=["grader", "version"], name="grading_of_grader")]  # a judge's agreement

    def __str__(self) -> str:
        return f"{self.grader}: {self.label or self.score}"
