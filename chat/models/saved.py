"""Saved answers: what was answered once, for whom it may be answered the same again, and what it rests on."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from pgvector.django import HalfVectorField

if TYPE_CHECKING:
    from knowledge.access import Viewer


class SavedAnswerQuerySet(models.QuerySet["SavedAnswer"]):
    def visible_to(self, viewer: Viewer) -> SavedAnswerQuerySet:
        """All of them for those who manage the assistant, nothing for anybody else; customers get them by `scoped`."""
        return self.all() if viewer.can_manage_assistant else self.none()

    def scoped(self, *, readable: str, language: str, assistant: str) -> SavedAnswerQuerySet:
        """Those written under the same conditions: for who reads the same, in this language, by this record."""
        return self.filter(readable=readable, language=language, assistant=assistant)

    def fresh(self) -> SavedAnswerQuerySet:
        """Those that still hold: neither expired nor taken out, and every passage they cite still stands as it did.

        It is asked when an answer is looked up, so that a changed document ends them in its own transaction.
        """
        stale = SavedSource.objects.filter(answer=OuterRef("pk")).exclude(
            document__removed_at=None, document__live_version=F("version"), chunk__isnull=False
        )
        states = [SavedAnswer.State.SERVED, SavedAnswer.State.WAITING]
        rests = SavedSource.objects.filter(answer=OuterRef("pk"))
        return self.filter(Q(expires_at__gt=timezone.now()), Exists(rests), ~Exists(stale), state__in=states)


class SavedAnswer(models.Model):
    """One answer. It waits until others were answered the same, or a person approves it, before others get it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SERVED = "served"
        QUARANTINED = "quarantined"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is in its state, for people")
    readable = models.CharField(max_length=64, help_text="A hash of the collections that its readers may read")
    language = models.CharField(max_length=8)
    assistant = models.CharField(max_length=64, help_text="The hash of the record that wrote it")
    question = models.TextField(help_text="As it was first asked, standing alone")
    text = models.TextField()
    found = models.JSONField(default=list, help_text="The chunks that the search found then, best first")
    reply = models.ForeignKey("chat.Reply", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    model = models.CharField(max_length=200, blank=True)
    took_ms = models.PositiveIntegerField(default=0, help_text="What writing it took")
    cost_microdollars = models.PositiveBigIntegerField(null=True, blank=True, help_text="What writing it cost")
    is_pinned = models.BooleanField(default=False, help_text="A person holds it good for its question")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    hits = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    refresh_at = models.DateTimeField(help_text="From then on a hit has it answered anew behind it")
    expires_at = models.DateTimeField(help_text="Never moved by hits")

    objects = SavedAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            # the look-up: what may be served in a scope, and what waits for it
            models.Index(
                fields=["assistant", "readable", "language"],
                condition=Q(state__in=["served", "waiting"]),
                name="saved_answer_in_scope",
            ),
            models.Index(fields=["expires_at"], name="saved_answer_expires"),  # the sweep
        ]

    def __str__(self) -> str:
        return self.question[:60]


class SavedQuestion(models.Model):
    """A question that this answer answers, by whoever asked it. `key` is a hash over all that the answer depends on."""

    answer = models.ForeignKey(SavedAnswer, on_delete=models.CASCADE, related_name="questions")
    key = models.CharField(max_length=64)
    text = models.TextField()
    words = models.JSONField(default=list, help_text="The stems that carry its subject")
    signature = models.JSONField(default=dict, help_text="What chat.answer_cache.alike reads in it")
    embedding_model = models.ForeignKey("knowledge.EmbeddingModel", on_delete=models.CASCADE, related_name="+")
    vector = HalfVectorField()
    asker = models.CharField(max_length=64, help_text="A hash that tells customers apart, and no more")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["answer", "key", "asker"], name="saved_question_once_an_asker")]
        indexes = [models.Index(fields=["key"], name="saved_question_key")]  # the very same question

    def __str__(self) -> str:
        return self.text[:60]


class SavedSource(models.Model):
    """A passage that a saved answer cites, in the version of its document that it was read in."""

    answer = models.ForeignKey(SavedAnswer, on_delete=models.CASCADE, related_name="sources")
    number = models.PositiveSmallIntegerField()
    document = models.ForeignKey("knowledge.Document", on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey("knowledge.DocumentVersion", on_delete=models.CASCADE, related_name="+")
    chunk = models.ForeignKey("knowledge.Chunk", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["answer", "number"], name="saved_source_once_a_number")]

    def __str__(self) -> str:
        return f"[{self.number}] of {self.answer_id}"


class SavedLookup(models.Model):
    """A question that was looked up among the saved answers: what was found, and later whether it was right.

    `features` are those of `chat.answer_cache.acceptance`; without a candidate they are empty.
    """

    class Outcome(models.TextChoices):
        HIT = "hit"
        MISS = "miss"

    answer = models.ForeignKey(SavedAnswer, on_delete=models.SET_NULL, null=True, blank=True, related_name="lookups")
    reply = models.UUIDField(null=True, blank=True)
    question = models.TextField(blank=True, help_text="As it was looked up, standing alone; without personal data")
    embedding_model = models.ForeignKey("knowledge.EmbeddingModel", on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=4, choices=Outcome)
    why = models.CharField(max_length=60, blank=True, help_text="What made it a miss")
    how = models.CharField(max_length=12, blank=True, help_text="exact, approved or alike")
    features = models.JSONField(default=list)
    expected_error = models.FloatField(null=True, blank=True, help_text="What the learned acceptance expected")
    is_right = models.BooleanField(null=True, blank=True, help_text="Whether the candidate would have been right")
    is_check_wanted = models.BooleanField(default=False, help_text="A hit that is to be answered anew to see")
    was_checked = models.BooleanField(default=False, help_text="A hit that was answered anew to see")
    ms = models.FloatField(default=0, help_text="What looking up and verifying took")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at"], name="saved_lookup_latest"),  # what is learned from; the page
            models.Index(fields=["reply"], name="saved_lookup_of_reply"),
            # what the worker answers anew
            models.Index(
                fields=["created_at"],
                condition=Q(is_check_wanted=True, was_checked=False),
                name="saved_lookup_to_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.why}"


class SavedAcceptance(models.Model):
    """What was learned for one embedding model, as `chat.answer_cache.acceptance.Acceptance` says it."""

    embedding_model = models.OneToOneField("knowledge.EmbeddingModel", on_delete=models.CASCADE, related_name="+")
    learned = models.JSONField()
    learned_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"learned {self.learned_at:%Y-%m-%d %H:%M}"
