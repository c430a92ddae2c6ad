"""What a grader is given and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from evals.golden import Case


@dataclass(frozen=True)
class Answer:
    """What the assistant replied to a case. Times are in seconds from the question.

    Sources are file names: `cited` in the answer, `found` by the search.
    """

    text: str
    cited: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    finish_reason: str = ""
    model: str = ""
    limited: str = ""
    first_word_after: float = 0.0
    whole_after: float = 0.0


class Outcome(StrEnum):
    SCORED = "scored"
    ABSTAINED = "abstained"
    FAILED = "failed"


@dataclass(frozen=True)
class Grade:
    """A score from 0 to 1 with its reason; or no score, because the grader has nothing to say or broke.

    An abstention and a failure are never counted as a zero.
    """

    outcome: Outcome
    score: float | None = None
    reason: str = ""

    @property
    def is_trouble(self) -> bool:
        """The answer is not good by this grade, or the grader broke."""
        return self.outcome is Outcome.FAILED or (self.score is not None and self.score < 1)

    @classmethod
    def scored(cls, score: float, reason: str = "") -> Grade:
        return cls(Outcome.SCORED, score, reason)

    @classmethod
    def passed_if(cls, is_good: bool, otherwise: str) -> Grade:
        """1, or 0 for the reason `otherwise`."""
        return cls.scored(1.0) if is_good else cls.scored(0.0, otherwise)

    @classmethod
    def abstained(cls, reason: str) -> Grade:
        return cls(Outcome.ABSTAINED, reason=reason)

    @classmethod
    def failed(cls, reason: str) -> Grade:
        return cls(Outcome.FAILED, reason=reason)


Grader = Callable[[Case, Answer], Awaitable[Grade]]
