"""The two models of a version's choice, and what each of them answered, as a kept route has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from chat import recording
from chat.assistant import Alias, Assistant
from knowledge.search import Passage
from llm.models import Call


class Sides(NamedTuple):
    """The aliases between which a version chooses."""

    small: Alias
    strong: Alias


def sides_of(assistant: Assistant) -> Sides:
    """Also where one of them answers everything, and the other one only is compared with it."""
    strong: Alias = assistant.answer.alias if assistant.answer.alias != "small" else "strong"
    easy = assistant.easy_alias
    return Sides(easy if easy != strong else "small", strong)


def side(
    alias: Alias,
    text: str,
    *,
    model: str,
    sources: Sequence[Passage],
    passages: Sequence[Passage],
    call: UUID,
    purpose: str,
    ms: int,
    held_back: str = "",
) -> dict[str, Any]:
    """One model's answer as JSON: `text` without personal data, what it cites and was given, and what it took.

    `call` is the turn that its calls are in the ledger under, with `purpose`; the cost is in microdollars, None where
    no price is known. Sync: it asks the ledger.
    """
    return {
        "text": text,
        "model": model,
        "alias": alias,
        "sources": recording.kept_passages(sources),
        "passages": recording.kept_passages(passages),
        "held_back": held_back,
        "ms": ms,
        "cost_microdollars": _cost(call, alias, purpose),
        "call": str(call),
    }


def _cost(turn: UUID, alias: Alias, purpose: str) -> int | None:
    calls = Call.objects.filter(turn=turn, alias=alias, purpose=purpose, kind="chat")
    costs = list(calls.values_list("cost_microdollars", flat=True))
    return sum(cost or 0 for cost in costs) if costs and None not in costs else None
