"""What is done once a reply is closed, and nobody waits for it: how its model was chosen is kept, questions to ask
next, and the conversation's summary.

It is thrown away when the process has to stop, or when something goes wrong; the answer is there in any case.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable
from typing import Any

import structlog
from django.conf import settings

import llm
from chat import answer_cache, follow_ups, live, memory, model_choice
from chat.announcing import announce
from chat.context import Turn
from chat.limits import is_budget_low
from chat.models import Reply
from llm.database import in_database
from llm.errors import LLMError

log = structlog.get_logger()


def begin(conversation_id: uuid.UUID, turn: Turn, end: dict[str, Any]) -> None:
    """Start the work behind a reply that has just been closed with `end`."""
    live.later(_work(conversation_id, turn, end), name=f"after {turn.id}")


async def _work(conversation_id: uuid.UUID, turn: Turn, end: dict[str, Any]) -> None:
    await _quietly("saved answers", in_database(_keep_saved, turn, end))
    await _quietly("choice of model", in_database(_keep_route, turn, end))
    if await _quietly("budget", in_database(is_budget_low)):
        return
    with llm.on_behalf_of(turn.version.label, turn=turn.id, models=turn.version.models):
        if _is_good(turn, end) and turn.version.assistant.follow_ups:
            await _quietly("follow-ups", _suggest(conversation_id, turn, end["text"]))
        await _quietly("summary", memory.sum_up(conversation_id, turn))


def _keep_saved(turn: Turn, end: dict[str, Any]) -> bool:
    return answer_cache.keep(turn, end) is not None


def _keep_route(turn: Turn, end: dict[str, Any]) -> bool:
    return model_choice.keep(turn, end) is not None


def _is_good(turn: Turn, end: dict[str, Any]) -> bool:
    """A whole answer that rests on something, and that neither stopped nor waits for a click."""
    is_whole = end.get("status") == Reply.Status.DONE and end.get("finish_reason") == "stop"
    rests_on_something = bool(turn.cited) or any(not lookup.failed for lookup in turn.lookups)
    return is_whole and rests_on_something and not end.get("stopped_by") and not end.get("proposed")


async def _suggest(conversation_id: uuid.UUID, turn: Turn, answer: str) -> None:
    if questions := await follow_ups.suggest(turn, answer):
        await follow_ups.keep(turn.id, questions)
        await announce(conversation_id, "follow_ups.ready", turn.id)


async def _quietly(what: str, work: Awaitable[bool | None]) -> bool:
    """Whether the work came to something that is true; what goes wrong is logged and forgotten."""
    try:
        async with asyncio.timeout(settings.CHAT_AFTERWARDS_SECONDS):
            return bool(await work)
    except (LLMError, TimeoutError) as error:
        log.info("left undone after a reply", what=what, error=type(error).__name__)
    except Exception:
        log.exception("failed after a reply", what=what)
    return False
