"""What happens in a turn, in the past tense. The pipeline tells it; the page, the evals and the terminal listen."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.search import Passage


@dataclass(frozen=True)
class SourcesFound:
    """The search is over. `limited` says why only words were searched, or is empty."""

    passages: tuple[Passage, ...]
    limited: str = ""


@dataclass(frozen=True)
class Delayed:
    """The model is busy; the gateway tries again in `seconds`."""

    seconds: float


@dataclass(frozen=True)
class AnswerDelta:
    """More text of the answer, its citations numbered as the customer sees them.

    `sources` are all passages cited so far, in the order of their numbers, from 1.
    """

    text: str
    sources: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Answered:
    """The answer is whole. `sources` are the cited passages in the order of their numbers, from 1."""

    text: str
    finish_reason: str
    model: str
    sources: tuple[Passage, ...]


Event = SourcesFound | Delayed | AnswerDelta | Answered
