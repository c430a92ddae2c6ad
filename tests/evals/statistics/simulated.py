"""Made-up results whose truth is known: how often an interval holds it, and how often a test cries wolf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Random = np.random.Generator


@dataclass
class Sample:
    """Values with their clusters and weights, as the functions take them."""

    values: NDArray[Any]
    clusters: list[int] | None = None
    weights: list[float] | None = None


Draw = Callable[[int, Random], Sample]


def coverage(draw: Draw, estimate: Callable[[Sample], Any], truth: float, *, n: int, rounds: int) -> float:
    """The share of rounds, each of `n` cases or clusters, whose interval holds the truth."""
    random = np.random.default_rng(n)
    intervals = [estimate(draw(n, random)) for _ in range(rounds)]
    return float(np.mean([found.low <= truth <= found.high for found in intervals]))


@cache
def truth_of(draw: Draw) -> float:
    """The weighted mean of so many values that it is the truth."""
    sample = draw(200_000, np.random.default_rng(7))
    return float(np.average(sample.values, weights=sample.weights))


def points(*shares: float) -> Draw:
    """Scores from 1 to 5, with their shares."""
    return lambda n, random: Sample(random.choice(5, n, p=shares) + 1.0)


def waits(n: int, random: Random) -> Sample:
    """Times with a long tail."""
    return Sample(random.exponential(1.0, n))


def families(n: int, random: Random) -> Sample:
    """Skewed scores of 1 to 5 related cases each; larger families score higher, so that sizes must not be ignored."""
    clusters = np.repeat(np.arange(n), random.integers(1, 6, n))
    sizes = np.bincount(clusters)[clusters]
    return Sample(random.exponential(1, n)[clusters] + random.normal(0, 0.5, sizes.size) + 0.2 * sizes, list(clusters))


def repeated(n: int, random: Random) -> Sample:
    """Passed or failed, three repetitions of each case; most cases pass mostly."""
    clusters = np.repeat(np.arange(n), 3)
    return Sample((random.random(3 * n) < random.beta(2, 0.5, n)[clusters]) * 1.0, list(clusters))


def complaints_first(n: int, random: Random) -> Sample:
    """Half of what is graded are complaints, though they are one in ten of what happens; weights put that right."""
    complains = random.random(n) < 0.5
    bad, good = random.choice([1.0, 2, 3], n, p=[0.5, 0.3, 0.2]), random.choice([3.0, 4, 5], n, p=[0.1, 0.3, 0.6])
    return Sample(np.where(complains, bad, good), weights=list(np.where(complains, 1.0, 9.0)))


def changes(same: float, better: float, worse: float) -> Draw:
    """Differences of scores: most cases keep theirs, some move by one or two points."""

    def draw(n: int, random: Random) -> Sample:
        kinds = random.choice([0, 1, -1], n, p=[same, better, worse])
        return Sample(kinds * random.choice([1.0, 2.0], n, p=[0.75, 0.25]))

    return draw


def moved_families(n: int, random: Random) -> Sample:
    """Differences of pass and fail in clusters of 1 to 4 cases that move together half of the time."""
    clusters = np.repeat(np.arange(n), random.integers(1, 5, n))
    own, shared = random.random(clusters.size), random.random(n)[clusters]
    luck = np.where(random.random(clusters.size) < 0.5, shared, own)
    return Sample(np.select([luck < 0.05, luck < 0.15], [-1.0, 1.0], 0.0), list(clusters))
