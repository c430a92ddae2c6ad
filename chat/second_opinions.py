"""Has the other model answer what one model was chosen for, behind the customers' backs: what does the choice cost?

It is given the very same passages, no tool, and only what the customer may still read. Nobody sees its answer but those
who compare the two.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

import llm
from chat import guarding, recording
from chat.assistant import Alias
from chat.context import Turn
from chat.events import Answered
from chat.generation import generate
from chat.limits import is_budget_low
from chat.model_choice.checking import HeldBack
from chat.model_choice.sides import side, sides_of
from chat.models import Conversation, Route
from chat.versions.states import version_of
from chat.writing import NoTools, draft
from knowledge.access import Viewer
from knowledge.models import Chunk
from llm.database import in_database
from llm.errors import LLMError

log = structlog.get_logger()
PURPOSE = "compare"
AT_ONCE = 10  # in one round
ROUND = 35.0  # seconds after which a round begins nothing more: the next one comes in a minute
TRIES = 3
GIVEN_UP_AFTER = timedelta(hours=6)  # documents change: a later answer says nothing of the choice made then
Name = Literal["small", "strong"]


@dataclass(frozen=True)
class _Wanted:
    """The side of a route that is not known yet, and the turn as it stood before its model was asked."""

    route: int
    name: Name
    alias: Alias
    turn: Turn


async def ask_others() -> int:
    """Ask for what is picked and not known, a few at a time. How many were answered.

    None are asked while the day's budget is low, or while small models are switched off.
    """
    if settings.CHAT_SMALL_SECONDS <= 0 or await in_database(is_budget_low):
        return 0
    began, answered = time.monotonic(), 0
    for wanted in await in_database(_waiting):
        if time.monotonic() - began > ROUND:
            break
        answered += await _ask(wanted)
    return answered


def _waiting() -> list[_Wanted]:
    since = timezone.now() - GIVEN_UP_AFTER
    picked = Route.objects.filter(is_compared=True, tried__lt=TRIES, created_at__gte=since, kept_with__isnull=False)
    one_sided = picked.filter(Q(small={}) | Q(strong={})).order_by("created_at")
    rows = one_sided.select_related("kept_with__version", "kept_with__conversation__customer")[:AT_ONCE]
    found = []
    for route in rows:
        if wanted := _wanted(route):
            found.append(wanted)
        else:
            _give_up(route.pk)
    return found


def _wanted(route: Route) -> _Wanted | None:
    """What is to be asked; None where it cannot be, or its passages may not be read as they were any more."""
    reply = route.kept_with
    inputs = reply.receipt.get("inputs", {}) if reply else {}
    if not reply or not reply.version or not recording.can_be_rebuilt(inputs):
        return None
    turn = recording.rebuild(inputs, version_of(reply.version))
    turn.viewer = _viewer(reply.conversation)
    chunks = {passage.chunk_id for passage in turn.passages}
    if Chunk.objects.visible_to(turn.viewer).live().filter(pk__in=chunks).count() != len(chunks):
        return None
    name: Name = "strong" if route.small else "small"
    return _Wanted(route.pk, name, getattr(sides_of(turn.version.assistant), name), turn)


def _viewer(conversation: Conversation) -> Viewer:
    customer = conversation.customer
    return Viewer.of(customer) if customer else Viewer(visitor=conversation.visitor)


async def _ask(wanted: _Wanted) -> bool:
    turn = wanted.turn
    try:
        with llm.on_behalf_of(turn.version.label, turn=turn.id, models=turn.version.models):
            answer = await (_draft(wanted) if wanted.name == "small" else _write(wanted))
    except (HeldBack, guarding.Stopped):  # asked once more, it would come to the same
        await in_database(_give_up, wanted.route)
        return False
    except (LLMError, TimeoutError) as error:
        log.info("no second opinion", route=wanted.route, error=type(error).__name__)
        await in_database(Route.objects.filter(pk=wanted.route).update, tried=F("tried") + 1)
        return False
    return bool(await in_database(_keep, wanted, answer))


async def _write(wanted: _Wanted) -> dict[str, Any]:
    """The strong model's answer. Raises `HeldBack` where it asks for a tool."""
    turn, began = wanted.turn, time.monotonic()
    answered = Answered("", "", "", ())
    async with asyncio.timeout(settings.CHAT_AFTERWARDS_SECONDS):
        async with aclosing(generate(turn, wanted.alias, PURPOSE, NoTools(turn))) as events:
            async for event in events:
                if isinstance(event, Answered):
                    answered = event
    took = {"model": answered.model, "sources": answered.sources, "ms": round((time.monotonic() - began) * 1000)}
    return {"text": turn.masks.redact(answered.text), "held_back": "", **took}


async def _draft(wanted: _Wanted) -> dict[str, Any]:
    """The small model's answer, and whether it would have been shown. Raises `TimeoutError` where it was away."""
    drafted = await draft(wanted.turn, wanted.alias, PURPOSE)
    if drafted.has_failed:
        raise TimeoutError(drafted.held_back)
    took = {"model": drafted.model, "sources": drafted.sources, "ms": drafted.ms}
    return {"text": drafted.turn.masks.redact(drafted.text), "held_back": drafted.held_back, **took}


def _keep(wanted: _Wanted, answer: dict[str, Any]) -> int:
    """Keep an answer with its route, if that is still there."""
    turn = wanted.turn
    known = side(wanted.alias, passages=turn.passages, call=turn.id, purpose=PURPOSE, **answer)
    return Route.objects.filter(pk=wanted.route).update(**{wanted.name: known})


def _give_up(route: int) -> None:
    Route.objects.filter(pk=route).update(tried=TRIES)
