"""Conversations: a customer's questions and the assistant's replies, with sources and feedback."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from knowledge.access import Viewer


CONVERSATIONS_LISTED = 50


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, viewer: Viewer) -> ConversationQuerySet:
        """A customer's own, or those that this visitor's session began. Staff see none here that is not their own."""
        if viewer.user_id is not None:
            return self.filter(customer_id=viewer.user_id)
        if viewer.visitor:
            return self.filter(customer=None, visitor=viewer.visitor)
        return self.none()

    def by_age(self) -> list[tuple[str, list[Conversation]]]:
        """The latest, grouped as the side of the chat shows them: today, the last seven days, earlier."""
        now = timezone.localtime()
        groups: dict[str, list[Conversation]] = {}
        for conversation in self.order_by("-updated_at")[:CONVERSATIONS_LISTED]:
            days = (now.date() - timezone.localtime(conversation.updated_at).date()).days
            age = "Today" if days <= 0 else "Last seven days" if days <= 7 else "Earlier"
            groups.setdefault(age, []).append(conversation)
        return list(groups.items())


class Conversation(models.Model):
    """Belongs to a signed-in customer or to a visitor's session, never to both."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="conversations",
    )
    visitor = models.CharField(max_length=43, blank=True)
    title = models.CharField(max_length=120, blank=True)
    summary = models.TextField(blank=True, help_text="Of what was said too long ago to be sent along")
    summarised_to = models.PositiveIntegerField(default=0, help_text="The number of the last question in the summary")
    changes = models.PositiveIntegerField(default=0, help_text="Counts up with each message opened or closed")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        permissions = [("assist_customers", "Can read feedback and documents of every audience")]
        indexes = [
            # the list at the side of the chat
            models.Index(fields=["customer", "-updated_at"], name="conversation_of_customer"),
            models.Index(
                fields=["visitor", "-updated_at"],
                condition=models.Q(customer=None),
                name="conversation_of_visitor",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False, visitor="")
                | (models.Q(customer=None) & ~models.Q(visitor="")),
                name="conversation_has_one_owner",
            )
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)


class Question(models.Model):
    """What the customer asked, stored before anything else happens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="questions")
    client_id = models.UUIDField(help_text="Made by the page, so that a double send is one question")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    number = models.PositiveIntegerField(help_text="Its place in the conversation, from 1")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="question_sent_once"),
            models.UniqueConstraint(fields=["conversation", "number"], name="question_number_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, viewer: Viewer) -> ReplyQuerySet:
        return self.filter(question__conversation__in=Conversation.objects.visible_to(viewer))

    def visible_at_desk(self, viewer: Viewer) -> ReplyQuerySet:
        """Every customer's, for the pages of staff only; nothing for anybody else."""
        return self.all() if viewer.is_staff else self.none()


class Reply(models.Model):
    """One answer to a question; asking again adds a variant. It ends in exactly one of the end states."""

    class Status(models.TextChoices):
        STREAMING = "streaming"
        DONE = "done"
        REFUSED = "refused"
        STOPPED = "stopped"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="replies")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="replies")
    variant = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=20, choices=Status, default=Status.STREAMING)
    failure_code = models.CharField(max_length=40, blank=True)
    finish_reason = models.CharField(max_length=20, blank=True)
    limited_search = models.BooleanField(
        default=False, help_text="Only words were searched: the embedding model was away"
    )
    text = models.TextField(blank=True)
    notice = models.CharField(max_length=20, blank=True, help_text="What the page says while there is no text")
    version = models.ForeignKey(
        "chat.AssistantVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    stopped_by = models.CharField(max_length=60, blank=True, help_text="The guardrail that refused or handed over")
    handed_over = models.BooleanField(default=False)
    steered = models.TextField(blank=True, help_text="What the customer was told of a question that was rewritten")
    lookups = models.JSONField(default=list, blank=True, help_text="What tools did, in words for the customer")
    follow_ups = models.JSONField(default=list, blank=True, help_text="Questions suggested once it was there")
    model = models.CharField(max_length=200, blank=True)
    saved_answer = models.ForeignKey(
        "chat.SavedAnswer", on_delete=models.SET_NULL, null=True, blank=True, related_name="served"
    )
    saved_at = models.DateTimeField(null=True, blank=True, help_text="When a saved answer that was served was written")
    receipt = models.JSONField(default=dict, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(auto_now_add=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        ordering = ["variant"]
        constraints = [
            models.UniqueConstraint(fields=["question", "variant"], name="reply_variant_once"),
            # one running turn in a conversation, whatever the number of tabs, sockets and processes
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(status="streaming"),
                name="one_running_turn_a_conversation",
            ),
        ]
        indexes = [
            # the reaper of turns whose process died
            models.Index(fields=["heartbeat_at"], condition=models.Q(status="streaming"), name="reply_streaming"),
            models.Index(fields=["created_at"], name="reply_by_time"),  # the sample of live traffic, replays
        ]

    def __str__(self) -> str:
        return f"{self.status}: {self.text[:60]}"


class SourceQuerySet(models.QuerySet["Source"]):
    def visible_to(self, viewer: Viewer) -> SourceQuerySet:
        """The sources of the viewer's own replies."""
        return self.filter(reply__in=Reply.objects.visible_to(viewer))


class Source(models.Model):
    """A passage that a reply rests on, as it was: it outlives the chunk, and says so when the document is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="sources")
    number = models.PositiveSmallIntegerField()
    chunk = models.ForeignKey("knowledge.Chunk", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    document = models.ForeignKey(
        "knowledge.Document", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    title = models.CharField(max_length=255)
    place = models.CharField(max_length=600, blank=True, help_text="Headings and page, for people")
    version_number = models.PositiveIntegerField()
    text = models.TextField()
    score = models.FloatField(default=0)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["reply", "number"], name="source_number_once_a_reply")]

    def __str__(self) -> str:
        return f"[{self.number}] {self.title}"


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def visible_to(self, viewer: Viewer) -> FeedbackQuerySet:
        """All of it for staff, nothing for anybody else."""
        return self.all() if viewer.is_staff else self.none()


class Feedback(models.Model):
    """A thumb and a comment on a reply, one for each reply; the last word counts."""

    class Verdict(models.TextChoices):
        UP = "up"
        DOWN = "down"

    reply = models.OneToOneField(Reply, on_delete=models.CASCADE, related_name="feedback")
    verdict = models.CharField(max_length=4, choices=Verdict)
    comment = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.comment[:60]}"


class Starter(models.Model):
    """A question that the first page suggests."""

    text = models.CharField(max_length=200)
    topic = models.CharField(max_length=60, blank=True)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place", "id"]

    def __str__(self) -> str:
        return self.text
