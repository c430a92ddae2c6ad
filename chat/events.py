"""What happens in a turn, in the past tense. The pipeline tells it; the page, the evals and the terminal listen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge.search import Passage


@dataclass(frozen=True)
class Steered:
    """The question was near a line and goes on as a safe one: `say` tells the customer."""

    asked: str
    say: str


@dataclass(frozen=True)
class SourcesFound:
    """The search is over. `limited` says why only words were searched, or is empty."""

    passages: tuple[Passage, ...]
    limited: str = ""


@dataclass(frozen=True)
class TakenFromSaved:
    """The answer that follows was written before, for a question that asks the same, and holds today."""

    answer: uuid.UUID
    written_at: datetime


@dataclass(frozen=True)
class CheckBegun:
    """A small model has begun an answer that nobody sees before it is whole and checked."""


@dataclass(frozen=True)
class Delayed:
    """The model is busy; the gateway tries again in `seconds`."""

    seconds: float


@dataclass(frozen=True)
class ToolUsed:
    """Something was looked up: `words` for the customer, such as "Looked up today's rates".

    What a search found counts when the answer cites it; other results are facts by themselves.
    """

    tool: str
    words: str
    failed: bool = False
    is_search: bool = False

    @property
    def is_fact(self) -> bool:
        return not (self.failed or self.is_search)


@dataclass(frozen=True)
class ActionProposed:
    """A tool that changes something waits for the customer's click, with exactly these arguments."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class AnswerDelta:
    """More text of the answer, its citations numbered as the customer sees them.

    `sources` are all passages cited so far, in the order of their numbers, from 1.
    """

    text: str
    sources: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Replaced:
    """A check on the whole answer has put another one in its place: all deltas before are void."""

    text: str
    sources: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Answered:
    """The answer is whole. `sources` are the cited passages in the order of their numbers, from 1."""

    text: str
    finish_reason: str
    model: str
    sources: tuple[Passage, ...]


@dataclass(frozen=True)
class Refused:
    """A guardrail stopped the turn. `say` tells the customer why, and what to do next; it is the whole reply."""

    say: str
    by: str
    hands_over: bool = False


Event = (
    Steered
    | SourcesFound
    | TakenFromSaved
    | CheckBegun
    | Delayed
    | ToolUsed
    | ActionProposed
    | AnswerDelta
    | Replaced
    | Answered
    | Refused
)
