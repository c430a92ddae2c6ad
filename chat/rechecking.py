"""Answers some of the questions anew that got a saved answer, behind the customers' backs: how often were they wrong?

What was wrong is taken out at once; what is half through its time and still right begins a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.utils import timezone

import llm
from chat.answer_cache.keeping import times_of
from chat.answer_cache.sameness import says_the_same
from chat.answer_cache.scope import scope_of
from chat.context import Turn
from chat.events import Answered
from chat.limits import is_budget_low
from chat.models import Reply, SavedAnswer, SavedLookup
from chat.pipeline import answer
from chat.versions.states import live_version
from knowledge.access import Viewer
from llm.database import in_database
from llm.errors import LLMError

log = structlog.get_logger()
AT_ONCE = 20  # in one round
GIVEN_UP_AFTER = timedelta(hours=6)  # documents change: a later answer says nothing of the earlier one


@dataclass(frozen=True)
class _Asked:
    lookup: SavedLookup
    saved: SavedAnswer
    turn: Turn


async def check_hits() -> int:
    """Answer anew what waits for it, a few at a time. How many were checked; none while the day's budget is low."""
    if await in_database(is_budget_low):
        return 0
    return sum([await _check(asked) for asked in await in_database(_waiting)])


def _waiting() -> list[_Asked]:
    since = timezone.now() - GIVEN_UP_AFTER
    wanted = SavedLookup.objects.filter(is_check_wanted=True, was_checked=False, created_at__gte=since)
    rows = wanted.select_related("answer").prefetch_related("answer__sources").order_by("created_at")[:AT_ONCE]
    version = live_version()
    found = []
    replies = Reply.objects.select_related("conversation__customer").in_bulk([row.reply for row in rows if row.reply])
    for lookup in rows:
        reply = replies.get(lookup.reply) if lookup.reply else None
        if lookup.answer and reply:
            turn = Turn(lookup.question, _viewer(reply.conversation.customer), version)
            if scope_of(turn, lookup.question).assistant == lookup.answer.assistant:  # another says nothing of it
                found.append(_Asked(lookup, lookup.answer, turn))
    return found


def _viewer(customer: object | None) -> Viewer:
    return Viewer.of(customer) if customer else Viewer()


async def _check(asked: _Asked) -> bool:
    try:
        written = await _answer_anew(asked.turn)
    except LLMError as error:
        log.info("a saved answer could not be checked", error=error.code)
        return False
    if written is None:  # asked once more, it would come to the same
        await in_database(SavedLookup.objects.filter(pk=asked.lookup.pk).update, is_check_wanted=False)
        return False
    await in_database(_note, asked, written)
    return True


async def _answer_anew(turn: Turn) -> Answered | None:
    """The answer that the customer would have got; None when a check stopped it, or a search or model was limited."""
    answered = None
    with llm.on_behalf_of(turn.version.label, turn=turn.id, models=turn.version.models):
        async with aclosing(answer(turn, purpose="check")) as events:
            async for event in events:
                if isinstance(event, Answered):
                    answered = event
    return answered if answered and answered.finish_reason == "stop" and not turn.lookups else None


def _note(asked: _Asked, written: Answered) -> None:
    saved = asked.saved
    chunks = [passage.chunk_id for passage in written.sources]
    is_right = says_the_same(written.text, chunks, saved)
    SavedLookup.objects.filter(pk=asked.lookup.pk).update(is_right=is_right, was_checked=True)
    if is_right is False and not saved.is_pinned:
        SavedAnswer.objects.filter(pk=saved.pk).update(
            state=SavedAnswer.State.QUARANTINED, reason="answered anew, it came out differently"
        )
    elif is_right and saved.refresh_at <= timezone.now():
        _renew(saved, chunks)


def _renew(saved: SavedAnswer, chunks: Sequence[int]) -> None:
    """Begin its time anew, for its sources were read today. Its words stay: customers have liked them."""
    if [source.chunk_id for source in saved.sources.all()] == list(chunks):
        refresh_at, expires_at = times_of(saved.text, live_version().assistant.saved_answers)
        SavedAnswer.objects.filter(pk=saved.pk).update(
            refresh_at=refresh_at, expires_at=expires_at, reason="answered anew, it came out the same"
        )
