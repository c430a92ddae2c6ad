"""Routes as the chat keeps them, with their calls in the ledger, and what was said of them.

made = compared(ease=0.8, small="By the 15th.", strong="By the 15th of the month. [1]")
said(made, "worse")
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from chat.models import AssistantVersion, Route
from chat.versions.states import live_version, version_of
from evals.comparing.duels import judge_of_pairs
from evals.models import RouteVerdict
from evals.routing.pairs import LOST
from llm.models import Call

PASSAGE = {
    "chunk_id": 1,
    "document_id": str(uuid.UUID(int=7)),
    "version_number": 1,
    "title": "Late fees",
    "heading": "Fees",
    "page": None,
    "text": "A late fee of $35 is charged when a payment arrives after the 15th of the month.",
    "score": 0.8,
}
SMALL_COST, STRONG_COST = 100, 2_000  # microdollars of an answer
TOKENS = {"prompt_tokens": 900, "completion_tokens": 60}


def live() -> AssistantVersion:
    return AssistantVersion.objects.get(number=live_version().number)


def route(*, at: datetime | None = None, first: str = "strong", **more: Any) -> Route:
    """A question that one model answered, with its call in the ledger."""
    version = more.pop("version", None) or live()
    held_back, served = more.get("held_back", ""), more.pop("served", None)
    columns: dict[str, Any] = {
        "version": version,
        "assistant": version.hash,
        "question": f"How late may I pay, {uuid.uuid4().hex[:8]}?",
        "language": "en",
        "ease": 0.5,
        "signals": {"triage": 1.0, "best": 0.5, "lead": 0.4, "agreement": 0.6, "short": 0.9},
        "first": first,
        "served": ("strong" if held_back else first) if served is None else served,
    }
    made = Route.objects.create(reply=uuid.uuid4(), **(columns | more))
    if at:
        Route.objects.filter(pk=made.pk).update(created_at=at)
        made.created_at = at
    for alias in {first, "strong"} if held_back else {first}:
        call(made.reply, alias, made)
    return made


def compared(
    *,
    small: str = "By the 15th. [1]",
    strong: str = "By the 15th of the month, without a fee. [1]",
    share: float = 1.0,
    **more: Any,
) -> Route:
    """A question that both models answered: the one that was not asked first behind, in a turn of its own."""
    made = route(share=share, is_compared=True, **more)
    other, behind = "strong" if made.first == "small" and not made.held_back else "small", uuid.uuid4()
    if not (made.held_back and other == "small"):
        call(behind, other, made, purpose="compare")
    turns = {alias: behind if alias == other and not made.held_back else made.reply for alias in ("small", "strong")}
    made.small = answer(small, "small", turns["small"], held_back=made.held_back)
    made.strong = answer(strong, "strong", turns["strong"])
    made.save()
    return made


def answer(text: str, alias: str, turn: uuid.UUID, *, held_back: str = "") -> dict[str, Any]:
    return {
        "text": text,
        "model": f"the-{alias}-one",
        "alias": alias,
        "sources": [PASSAGE],
        "passages": [PASSAGE, PASSAGE | {"chunk_id": 2, "text": "Payments are due on the 1st."}],
        "held_back": held_back,
        "ms": 800 if alias == "small" else 2_400,
        "cost_microdollars": SMALL_COST if alias == "small" else STRONG_COST,
        "call": str(turn),
    }


def call(turn: uuid.UUID, alias: str, of: Route, *, purpose: str = "answer", **more: Any) -> Call:
    """A line of the ledger at the time of the route."""
    cost = SMALL_COST if alias == "small" else STRONG_COST
    label = version_of(of.version).label if of.version else ""
    columns: dict[str, Any] = {"outcome": "done", "cost_microdollars": cost, "version": label, **TOKENS, **more}
    made = Call.objects.create(purpose=purpose, turn=turn, kind="chat", alias=alias, model=f"gpt-{alias}", **columns)
    Call.objects.filter(pk=made.pk).update(created_at=of.created_at)
    return made


def said(route: Route, label: str, **more: Any) -> RouteVerdict:
    """The judge's word as it is now, or with `person=` a person's."""
    judge, person = judge_of_pairs(), more.get("person")
    assert judge is not None
    by_judge = {} if person else {"grader": judge.name, "version": judge.version, "model": "the-judge"}
    columns: dict[str, Any] = {
        "is_human": person is not None,
        "outcome": "scored",
        "label": label,
        "lost": LOST[label],
        "cost_microdollars": None if person else 50,
        "created_at": timezone.now(),
    }
    return RouteVerdict.objects.create(route=route, **(columns | by_judge | more))
