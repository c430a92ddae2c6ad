"""What a small model, or a judge, is taught: sets of examples, jobs that tune a model on them, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from evals.answers import Answer, answer_from
from evals.models.access import StaffQuerySet


class TrainingSet(models.Model):
    """Examples that were taken at one moment, from what was approved by then. Once ready it does not change."""

    class Kind(models.TextChoices):
        ANSWERS = "answers", "Questions with good answers"
        PREFERENCES = "preferences", "A better answer beside a worse one"
        JUDGE = "judge", "A rubric with the verdicts of people"

    class State(models.TextChoices):
        WAITING = "waiting"
        BUILDING = "building"
        READY = "ready"
        FAILED = "failed"

    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=80)
    grader = models.CharField(max_length=60, blank=True, help_text="The judge that is taught")
    options = models.JSONField(default=dict, help_text="What was asked for: days, shares, seed, least distance, …")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=400, blank=True)
    card = models.JSONField(default=dict, blank=True, help_text="Teacher, rubric, licence, counts, what was left out")
    hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of all its lines, in order")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Renewed by the worker that builds it")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = StaffQuerySet["TrainingSet"].as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("not_learned_from", "Their conversations are never learned from: for customers who object")]

    def __str__(self) -> str:
        return self.name


class TrainingExample(models.Model):
    """One line of a set, as the provider's format wants it, and where it is from."""

    class Part(models.TextChoices):
        TRAIN = "train"
        VALIDATION = "validation"

    training_set = models.ForeignKey(TrainingSet, on_delete=models.CASCADE, related_name="examples")
    part = models.CharField(max_length=10, choices=Part)
    key = models.CharField(max_length=64, help_text="SHA-256 of its line: no line is there twice")
    line = models.JSONField(help_text="One object of the JSON Lines file")
    cluster = models.CharField(max_length=64, blank=True, help_text="Of one cluster all are in one part")
    tokens = models.PositiveIntegerField(default=0)
    reply = models.ForeignKey("chat.Reply", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    origin = models.JSONField(default=dict, blank=True, help_text="Reply, result, gradings, document; teacher; licence")

    objects = StaffQuerySet["TrainingExample"].as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["training_set", "key"], name="training_line_once_a_set")]

    def __str__(self) -> str:
        return f"{self.part} {self.key[:12]}"


class QuestionOrderQuerySet(StaffQuerySet["QuestionOrder"]):
    def open(self) -> QuestionOrderQuerySet:
        return self.filter(state__in=[QuestionOrder.State.WAITING, QuestionOrder.State.RUNNING])


class QuestionOrder(models.Model):
    """Questions that the strong model is asked to write and to answer. What is there stands in its rows, so that
    another worker goes on where one has died. `dropped` counts what was not kept, by the reason."""

    class Source(models.TextChoices):
        DOCUMENT = "document", "Documents"
        UNANSWERED = "unanswered", "Questions that were not answered"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        OVER_BUDGET = "over_budget", "over budget"
        FAILED = "failed"

    source = models.CharField(max_length=12, choices=Source)
    title = models.CharField(max_length=255, help_text="What they are written from, as it was called")
    plan = models.JSONField(default=list, help_text="[{document, part, of, wanted}] or [{reply}]: a call for each")
    written = models.PositiveIntegerField(default=0, help_text="Steps of the plan that are done")
    languages = models.CharField(max_length=60, blank=True, help_text="Other languages to ask in, such as es, zh")
    dropped = models.JSONField(default=dict, blank=True)
    budget_microdollars = models.PositiveBigIntegerField(null=True, blank=True)
    spent_microdollars = models.PositiveBigIntegerField(default=0)
    is_unpriced = models.BooleanField(default=False, help_text="Of some of it no price is known")
    is_demo = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    problem = models.CharField(max_length=400, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Renewed with each question")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def wanted(self) -> int:
        """How many questions it asks for."""
        return sum(step.get("wanted", 1) for step in self.plan)


class TrainingQuestion(models.Model):
    """A question that the strong model wrote, with its answer; nothing is learned from it before it is approved."""

    class State(models.TextChoices):
        WAITING = "waiting", "not answered yet"
        PROPOSED = "proposed"
        APPROVED = "approved"
        DROPPED = "dropped"

    order = models.ForeignKey(QuestionOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="questions")
    question = models.TextField()
    answer = models.JSONField(default=dict, blank=True, help_text="evals.answers.Answer")
    expert = models.TextField(blank=True, help_text="What a good answer says, by the passages it was written from")
    draft = models.TextField(blank=True, help_text="The strong model's answer, where a person has changed it")
    document = models.ForeignKey(
        "knowledge.Document", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reply = models.ForeignKey(
        "chat.Reply",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="That did not answer what this asks",
    )
    source = models.CharField(max_length=12, help_text="document or unanswered")
    language = models.CharField(max_length=8, blank=True)
    audience = models.CharField(max_length=20, default="public", help_text="As whom it is asked")
    difficulty = models.CharField(max_length=8, blank=True, help_text="easy, medium or hard, as its writer finds")
    cluster = models.CharField(max_length=80, blank=True, help_text="Of one cluster all rest on the same sentence")
    grades = models.JSONField(default=dict, blank=True, help_text="What graders said: {name: {version, score, …}}")
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    why = models.CharField(max_length=200, blank=True, help_text="Why it is in its state")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cost_microdollars = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = StaffQuerySet["TrainingQuestion"].as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"], name="training_question_by_state")]

    def __str__(self) -> str:
        return self.question[:60]

    @property
    def reading(self) -> Answer:
        """The answer, as graders read it."""
        return answer_from(self.answer or {"text": ""})


class TunedModelQuerySet(StaffQuerySet["TunedModel"]):
    def judging(self) -> TunedModelQuerySet:
        """Those that judge now, one for a grader at most."""
        return self.filter(role=TunedModel.Role.JUDGE, retired_at=None).exclude(appointed_at=None)


class TunedModel(models.Model):
    """A model that was taught, by a job or elsewhere, on its way to be asked under an alias."""

    class Role(models.TextChoices):
        SMALL = "small", "Answers easy questions"
        JUDGE = "judge", "Judges in place of the strong judge"

    name = models.CharField(max_length=200, unique=True, help_text="As its server calls it")
    role = models.CharField(max_length=8, choices=Role, default=Role.SMALL)
    grader = models.CharField(max_length=60, blank=True, help_text="The judge that it would be")
    base = models.CharField(max_length=200, blank=True, help_text="The model that it was made from")
    training_set = models.ForeignKey(
        TrainingSet, on_delete=models.SET_NULL, null=True, blank=True, related_name="tuned"
    )
    note = models.CharField(max_length=400, blank=True)
    draft = models.ForeignKey(
        "chat.AssistantVersion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The version that would put it live",
    )
    runs = models.JSONField(default=dict, blank=True, help_text="{tuned, base, teacher}: ids of their runs, by set")
    appointed_at = models.DateTimeField(null=True, blank=True, help_text="Since when it judges")
    retired_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = TunedModelQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grader"],
                condition=models.Q(role="judge", appointed_at__isnull=False, retired_at=None),
                name="one_appointed_judge_a_grader",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_judging(self) -> bool:
        return self.role == self.Role.JUDGE and self.appointed_at is not None and self.retired_at is None


class TrainingJob(models.Model):
    """A fine-tuning job at the provider. It outlives workers: the next one asks the provider how it stands."""

    class State(models.TextChoices):
        WAITING = "waiting"
        UPLOADING = "uploading"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    training_set = models.ForeignKey(TrainingSet, on_delete=models.PROTECT, related_name="jobs")
    method = models.CharField(max_length=12, default="supervised", help_text="supervised or dpo")
    base = models.CharField(max_length=200)
    suffix = models.CharField(max_length=40, blank=True)
    hyperparameters = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    is_cancel_wanted = models.BooleanField(default=False)
    train_file = models.CharField(max_length=200, blank=True, help_text="The provider's id")
    validation_file = models.CharField(max_length=200, blank=True)
    job = models.CharField(max_length=200, blank=True, help_text="The provider's id")
    status = models.CharField(max_length=40, blank=True, help_text="The provider's own word")
    events = models.JSONField(default=list, blank=True, help_text="[{id, at, level, message}], oldest first")
    trained_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=400, blank=True)
    tuned = models.ForeignKey(TunedModel, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = StaffQuerySet["TrainingJob"].as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.method} of {self.base}"
