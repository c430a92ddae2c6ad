"""What is remembered of a conversation: the latest exchanges as they were, and older ones as a summary.

Not all that was said is remembered. What a guardrail refused or handed over is gone, question and reply, so that an
attempt does not come back with the next question. Of a reply that was stopped, broke off or failed only the question
stays, for a follow-up to lean on: nobody has checked the reply to its end.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from html import escape

import structlog
from django.conf import settings
from django.core.cache import cache
from pydantic import BaseModel, ConfigDict, Field

import llm
from chat import actions
from chat.context import Exchange, Turn
from chat.history import as_data, latest_within, sent_along, tokens_in
from chat.models import Conversation, Question, Reply
from chat.privacy.masks import Masks
from chat.prompting import prompt
from llm import Message
from llm.cleaning import clean
from llm.database import in_database

log = structlog.get_logger()

EXCHANGES_READ = 40  # questions that are looked at; far more than fit
REPLY_CHARACTERS = 1_200  # of a reply that is summed up
CLAIM_SECONDS = 60
Status = Reply.Status


class Summary(BaseModel):
    """A conversation in short, for the model that goes on with it."""

    model_config = ConfigDict(extra="forbid")

    summary: str = Field(min_length=1, max_length=2_000)


@dataclass(frozen=True)
class Fallen:
    """What no longer fits beside a question: exchanges up to a question's number, and the summary of those before."""

    exchanges: tuple[Exchange, ...]
    up_to: int
    summary: str
    summarised_to: int


def history_of(conversation: Conversation, *, before: int) -> tuple[str, tuple[Exchange, ...]]:
    """The summary, and the latest exchanges after it and before a question's number, oldest first.

    A question that is asked again may lie before the end of the summary, which then would tell it its own future.
    """
    is_behind = conversation.summarised_to >= before
    since = 0 if is_behind else conversation.summarised_to
    known = [said for _, said in _numbered(conversation, after=since, before=before) if said]
    return "" if is_behind else conversation.summary, sent_along(known)


async def sum_up(conversation_id: uuid.UUID, turn: Turn) -> None:
    """Put what has become too old to be sent along into the conversation's summary, if there is any.

    At most once at a time for a conversation. Whatever goes wrong, the next turn's end tries again.
    """
    if not await in_database(_fallen, conversation_id) or not await in_database(_claim, conversation_id):
        return
    try:
        if fallen := await in_database(_fallen, conversation_id):  # who held the claim before may have done it
            await in_database(_keep, conversation_id, fallen, await _write(turn, fallen))
    finally:
        await in_database(_release, conversation_id)


async def _write(turn: Turn, fallen: Fallen) -> str:
    """The summary so far and what is to be added to it, as one. Personal data are masked on the way."""
    use = turn.version.assistant.triage.model
    written = await llm.complete(
        _messages(turn, fallen, turn.masks),
        returns=Summary,
        purpose="summary",
        model=use.alias,
        max_tokens=use.max_tokens * 2,
        temperature=use.temperature,
        seed=use.seed,
    )
    return clean(turn.masks.unmask(written.summary))


def _numbered(
    conversation: Conversation, *, after: int, before: int | None = None
) -> list[tuple[int, Exchange | None]]:
    """The questions of a conversation by their numbers, oldest first, with what each leaves behind."""
    questions = conversation.questions.filter(number__gt=after).order_by("-number")
    if before is not None:
        questions = questions.filter(number__lt=before)
    latest = list(questions.prefetch_related("replies__actions")[:EXCHANGES_READ])
    return [(question.number, _remembered(question)) for question in reversed(latest)]


def _remembered(question: Question) -> Exchange | None:
    """What a question leaves behind; the variant shown last counts, unless it came to nothing."""
    replies = list(question.replies.all())
    if not replies or _was_turned_away(replies[-1]) or replies[-1].status == Status.STREAMING:
        return None
    whole = [reply for reply in replies if reply.status == Status.DONE and not _was_turned_away(reply)]
    shown = whole[-1] if whole else replies[-1]
    asked = shown.receipt.get("inputs", {}).get("asked", "") if shown.steered else question.text
    return Exchange(asked, _as_shown(shown) if whole else "") if asked else None


def _was_turned_away(reply: Reply) -> bool:
    filtered = "content_filter" in (reply.finish_reason, reply.failure_code)
    return filtered or reply.status == Status.REFUSED or bool(reply.stopped_by) or reply.handed_over


def _as_shown(reply: Reply) -> str:
    """The reply's text, and what came of the cards under it."""
    return "\n".join([reply.text, *map(actions.in_words, reply.actions.all())])


def _fallen(conversation_id: uuid.UUID) -> Fallen | None:
    """What is to be summed up now: all but the latest half of the room, once the room is full.

    So not every turn of a long conversation costs a summary.
    """
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        return None
    numbered = _numbered(conversation, after=conversation.summarised_to)
    known = [said for _, said in numbered if said]
    if sum(tokens_in(said.question) + tokens_in(said.reply) for said in known) <= settings.CHAT_HISTORY_TOKENS:
        return None
    stays = len(latest_within(known, settings.CHAT_HISTORY_TOKENS // 2))
    falling = known[: len(known) - stays]
    up_to = [number for number, said in numbered if said][len(falling) - 1] if falling else 0
    return Fallen(tuple(falling), up_to, conversation.summary, conversation.summarised_to) if falling else None


def _claim(conversation_id: uuid.UUID) -> bool:
    """True for one process at a time."""
    return bool(cache.add(f"summary:{conversation_id}", 1, timeout=CLAIM_SECONDS))


def _release(conversation_id: uuid.UUID) -> None:
    cache.delete(f"summary:{conversation_id}")


def _keep(conversation_id: uuid.UUID, fallen: Fallen, summary: str) -> None:
    """Unless another summary was quicker."""
    as_it_was = Conversation.objects.filter(pk=conversation_id, summarised_to=fallen.summarised_to)
    as_it_was.update(summary=summary, summarised_to=fallen.up_to)


def _messages(turn: Turn, fallen: Fallen, masks: Masks) -> list[Message]:
    before = escape(masks.mask(fallen.summary), quote=False)
    said = as_data(fallen.exchanges, masks, reply_characters=REPLY_CHARACTERS)
    return [
        {"role": "system", "content": prompt(turn.version.assistant, "summary")},
        {"role": "user", "content": f"<summary>{before}</summary>\n<before>\n{said}\n</before>"},
    ]
