"""Scores of a sample as scores of all turns: each stratum counts for as many turns as it has.

Turns that customers disliked are all graded, of the others a share. A grader's words are weighed so that those on
disliked turns add up to the disliked turns and the rest to the rest, whatever part of them it got to read
(poststratification: Holt and Smith 1979). A thumb that comes later moves a turn from one sum to the other. Where a
grader abstains, the turn does not belong to what it speaks of, and its weight goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.statistics.intervals import Estimate, mean


@dataclass(frozen=True, slots=True)
class Read:
    """One turn that a grader has read. `score` is None where it abstained; `weight` 1 over its probability."""

    score: float | None
    weight: float
    is_disliked: bool


@dataclass(frozen=True)
class Turns:
    """How many real turns there were, sampled or not."""

    disliked: int = 0
    rest: int = 0

    def __add__(self, other: Turns) -> Turns:
        return Turns(self.disliked + other.disliked, self.rest + other.rest)

    @property
    def all(self) -> int:
        return self.disliked + self.rest


@dataclass(frozen=True)
class Weighed:
    """Scores with the number of turns that each stands for."""

    scores: tuple[float, ...]
    weights: tuple[float, ...]

    @property
    def estimate(self) -> Estimate | None:
        return mean(self.scores, weights=self.weights) if self.scores else None


def weighed(words: Iterable[Read], turns: Turns) -> Weighed:
    """The scores as a sample of all turns. Nothing where one of the two parts was not read at all: the other alone
    would be taken for the whole.
    """
    counting = [word for word in words if word.weight > 0]
    disliked = [word for word in counting if word.is_disliked]
    rest = [word for word in counting if not word.is_disliked]
    if (turns.rest and not rest) or (turns.disliked and not disliked):
        return Weighed((), ())
    both = [*_summing_to(turns.disliked, disliked), *_summing_to(turns.rest, rest)]
    scored = [(word.score, weight) for word, weight in both if word.score is not None and weight > 0]
    return Weighed(tuple(score for score, _ in scored), tuple(weight for _, weight in scored))


def _summing_to(turns: int, words: Sequence[Read]) -> list[tuple[Read, float]]:
    """Fewer turns than were read are known of where conversations have been deleted since: those read count then."""
    total = sum(word.weight for word in words)
    factor = max(turns, len(words)) / total if total else 0.0
    return [(word, word.weight * factor) for word in words]
