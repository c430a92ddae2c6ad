"""A text → what a moderation model finds in it: the provider's own endpoint, where the server has one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from llm import gateway, ledger
from llm.answer import Answer
from llm.breaker import breaker_for
from llm.catalogue import Model, model_for
from llm.cleaning import clean
from llm.errors import Interrupted, NotOffered, Timeout

_without: set[tuple[str | None, str]] = set()  # servers and models that have answered that they do not moderate


@dataclass(frozen=True, slots=True)
class Moderation:
    """`scores`: from 0 to 1 by category, such as `self-harm/intent`; `flagged`: the categories that the model flags."""

    scores: dict[str, float]
    flagged: frozenset[str]


async def moderate(text: str, *, purpose: str) -> Moderation:
    """What the moderation model finds in a text, within `LLM_MODERATION_SECONDS`, asked once. Raises an `LLMError`.

    A server without the endpoint raises `NotOffered`; this is remembered until the process ends, and nothing is sent.
    """
    model = model_for("moderation")
    server = (settings.LLM_BASE_URL, model.name)
    if server in _without or not model.takes("moderation"):
        raise NotOffered("this server does not moderate")
    async with ledger.entry(purpose, "moderation", model.alias) as record:
        try:
            return await _attempt(model, clean(text), record)
        except NotOffered:
            _without.add(server)
            raise


def forget() -> None:
    """Ask all servers again, as after a restart."""
    _without.clear()


async def _attempt(model: Model, text: str, record: ledger.Record) -> Moderation:
    body: dict[str, Any] = {"model": model.name, "input": [text]}
    answer = Answer()
    record.asks(body, answer)
    with breaker_for(model.name).guard():
        record.attempts += 1
        try:
            async with asyncio.timeout(settings.LLM_MODERATION_SECONDS):
                response = await gateway.moderations(body)
        except TimeoutError:
            raise Timeout("no moderation in time") from None
        found = read_moderation(response)
        answer.add(response)
    record.done()
    return found


def read_moderation(response: Any) -> Moderation:
    """The first result of a response. Servers differ in their categories; what is no number or no flag is left out."""
    try:
        result = response["results"][0]
        categories, scores = result["categories"], result.get("category_scores") or {}
        return Moderation(
            {clean(str(name)): float(score) for name, score in scores.items() if isinstance(score, int | float)},
            frozenset(clean(str(name)) for name, is_flagged in categories.items() if is_flagged is True),
        )
    except (KeyError, IndexError, TypeError, AttributeError):
        raise Interrupted("the response holds no moderation") from None
