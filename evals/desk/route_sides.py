"""Both answers to a question as the page shows them, in an order that does not tell which model wrote which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from chat.models import Route
from chat.versions.states import version_of
from evals.answers import Source
from evals.desk.answers import rendered
from evals.routing.from_routes import costs_of
from evals.routing.reading import answer_of
from evals.routing.saying import small_is_first

SIGNS = {
    "triage": "Triage finds it easy",
    "best": "The best passage fits",
    "lead": "It is ahead of other documents",
    "agreement": "Passages of one document",
    "short": "The question is short",
}


@dataclass(frozen=True)
class Side:
    """One answer. `name` is A or B; `blocks` are rendered as the chat renders them: a model's text is hostile."""

    name: str
    title: str
    blocks: tuple[SafeString, ...]
    passages: tuple[Source, ...]
    model: str
    held_back: str
    ms: int | None
    dollars: float | None

    @property
    def id(self) -> str:
        return f"answer-{self.name.lower()}"


@dataclass(frozen=True)
class Sign:
    """A sign of an easy question, from 0 to 1, with what it weighs; None where the version is not known any more."""

    title: str
    value: float
    weight: float | None

    @property
    def percent(self) -> int:
        return round(100 * self.value)


def sides_of(route: Route) -> list[Side]:
    """A, then B; only one of them where the other model was not asked, or has not answered."""
    both = [("The small model", route.small), ("The strong model", route.strong)]
    ordered = both if small_is_first(route) else both[::-1]
    known = [(title, kept) for title, kept in ordered if kept.get("text") or kept.get("held_back")]
    return [_side(name, title, kept) for name, (title, kept) in zip("AB", known, strict=False)]


def signs_of(route: Route) -> list[Sign]:
    """As they were found, with the weights of the version that chose."""
    ease = version_of(route.version).assistant.model_choice.ease if route.version else None
    known = [(name, value) for name, value in route.signals.items() if isinstance(value, int | float)]
    return [Sign(SIGNS.get(name, name), value, getattr(ease, name, None)) for name, value in known]


def _side(name: str, title: str, kept: dict[str, Any]) -> Side:
    answer = answer_of(kept)
    turn = str(kept.get("call", ""))
    cost = costs_of([turn]).get((turn, answer.alias), kept.get("cost_microdollars"))
    return Side(
        name,
        title,
        rendered(answer.text, f"answer-{name.lower()}"),
        answer.passages,
        answer.model,
        answer.stopped_by,
        kept.get("ms"),
        None if cost is None else cost / 1_000_000,
    )
