"""Turns as customers have them, without a page; and versions of the assistant to have them with."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from chat import turn
from chat.context import Turn
from chat.models import AssistantVersion, Reply
from chat.verdicts import Verdict, guardrail
from chat.versions.states import content_of, house
from knowledge.access import Viewer
from llm.database import in_database
from tests.chat.conftest import ABOUT_CLOSING

STAFF = Viewer(is_staff=True)


async def answered(question: str = ABOUT_CLOSING, conversation: uuid.UUID | None = None) -> Reply:
    """A reply as a customer got it, read afresh. Each conversation is another visitor's."""
    conversation = conversation or uuid.uuid4()
    visitor = Viewer(visitor=str(conversation))
    opened = await turn.ask(visitor, question, conversation_id=conversation, client_id=uuid.uuid4(), address="")
    await turn.finished(opened.reply_id)
    return await in_database(fresh, opened.reply_id)


def fresh(reply_id: uuid.UUID) -> Reply:
    return Reply.objects.select_related("version", "question").get(pk=reply_id)


def live_version(**changes: Any) -> AssistantVersion:
    """The version that answers from now on: the house's, without guardrails unless the changes name some."""
    AssistantVersion.objects.filter(state="live").update(state="retired", retired_at=timezone.now())
    assistant = house().model_copy(update={"guardrails": {}} | changes)
    number = AssistantVersion.objects.next_number()
    now = timezone.now()
    return AssistantVersion.objects.create(number=number, state="live", published_at=now, **content_of(assistant))


@guardrail(reads="question", prepares=True)
async def hide(turn: Turn, text: str) -> Verdict:
    """Personal data do not go to the model."""
    masked = turn.masks.mask(text)
    return Verdict.allow() if masked == text else Verdict.rewrite(masked, "personal data")


@guardrail(reads="question")
async def refuse_bombs(turn: Turn, text: str) -> Verdict:
    return Verdict.refuse("a bomb", say="I help with loans. Ask me about yours.") if "bomb" in text else Verdict.allow()


@guardrail(reads="sentence")
async def no_promises(turn: Turn, text: str) -> Verdict:
    """Sentences that promise are left out."""
    return Verdict.rewrite("", "a promise") if "promise" in text else Verdict.allow()
