"""Real turns as rows, as the chat keeps them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from chat.models import AssistantVersion, Conversation, Feedback, Question, Reply
from chat.versions.states import live_version
from evals.online.sampling import chance


def turn(
    *, at: datetime | None = None, thumb: str = "", lucky: bool | None = None, share: float = 0.05, **more: Any
) -> Reply:
    """A question and its reply of some minutes ago. `lucky` says whether chance takes it at this share."""
    at = at or timezone.now() - timedelta(minutes=30)
    version = more.pop("version", None) or AssistantVersion.objects.get(number=live_version().number)
    conversation = Conversation.objects.create(visitor="somebody")
    question = Question.objects.create(
        conversation=conversation, client_id=uuid.uuid4(), text=more.pop("question", "How late may I pay?"), number=1
    )
    columns = {"status": "done", "text": "By the 15th. [1]", "model": "demo-strong", "ended_at": at, "version": version}
    reply = Reply.objects.create(pk=_id(lucky, share), conversation=conversation, question=question, **(columns | more))
    Reply.objects.filter(pk=reply.pk).update(created_at=at)
    if thumb:
        Feedback.objects.create(reply=reply, verdict=thumb)
    reply.refresh_from_db()
    return reply


def _id(lucky: bool | None, share: float) -> uuid.UUID:
    while True:
        made = uuid.uuid4()
        if lucky is None or (chance(made) < share) == lucky:
            return made
