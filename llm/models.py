"""The ledger: one row for every call to a model, whatever became of it."""

import uuid

from django.db import models


class Call(models.Model):
    """What was asked for, by which part of the product (`purpose`), and what it took."""

    class Outcome(models.TextChoices):
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40, help_text="answer, ingest, question, eval, …: never empty")
    version = models.CharField(max_length=40, blank=True, help_text="The assistant's version, where one was at work")
    turn = models.UUIDField(null=True, blank=True, help_text="The reply that it was made for")
    kind = models.CharField(max_length=20, help_text="chat, embedding or moderation")
    alias = models.CharField(max_length=20, help_text="strong, small, judge or embedding")
    model = models.CharField(max_length=200, help_text="The name that was asked for")
    served_by = models.CharField(max_length=200, blank=True, help_text="The exact model that the response names")
    fingerprint = models.CharField(max_length=200, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    request_hash = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome)
    error_code = models.CharField(max_length=40, blank=True)
    finish_reason = models.CharField(max_length=20, blank=True)
    attempts = models.PositiveSmallIntegerField(default=1)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    usage_is_estimated = models.BooleanField(default=False)
    cost_microdollars = models.PositiveBigIntegerField(null=True, blank=True, help_text="Empty when no price is known")
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(purpose=""), name="call_has_a_purpose")]
        indexes = [
            models.Index(fields=["-created_at"], name="call_latest"),  # the ledger's page, newest first
            models.Index(fields=["turn"], condition=models.Q(turn__isnull=False), name="call_of_turn"),  # a receipt
            models.Index(fields=["version", "-created_at"], name="call_of_version"),  # a version's fingerprints
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.model}"
