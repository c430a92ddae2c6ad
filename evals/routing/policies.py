"""What a threshold on ease would have cost and lost, on questions that both models answered; and which one to take.

A policy sends a question to the small model where no rule speaks against it and its ease reaches the threshold; where
the small model's answer does not hold, the strong one answers afresh and both are paid. Everything is held against the
strong model answering all of them, question by question, so that what both get wrong is no regret.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.routing.trials import Trial
from evals.statistics.intervals import Estimate, Z, effective_cases
from evals.statistics.paired import tango
from evals.statistics.resampling import Numbers, Sums, positions, quantile_of_t

STRONG_ONLY = 1.01
"""A threshold that no ease reaches: every question goes to the strong model."""
SMALL_FIRST = 0.0
"""The threshold that every ease reaches: all that the rules leave goes to the small model first."""
POINTS = 50
"""Of a frontier."""
STEPS = 20
"""Thresholds that a proposal tries."""
SHARES = 11
"""Points of the line of random choice."""
NOBODY_KNOWS = Estimate(0.0, -1.0, 1.0, 0)


@dataclass(frozen=True)
class Value:
    """What a policy comes to, over all questions that were asked of it.

    `cost` is in microdollars for a question; `spared` the share of what the strong model alone would have cost (below 0
    where it costs more); `regret` the quality lost for a question, from 1 (each answer is worse) to -1, with its 95 %
    interval. `by_small` is the share of the questions whose answer was the small model's, `held_back` the share that it
    answered in vain. `threshold` is None where no threshold decides: for random choice and for the oracle. `n` is the
    number of trials behind it; with none of them, all is 0 and the regret may be anything.
    """

    threshold: float | None
    cost: float
    spared: float
    regret: Estimate
    by_small: float
    held_back: float
    n: int

    @property
    def asked_of_small(self) -> float:
        """The share of the questions that the small model answered first."""
        return self.by_small + self.held_back


@dataclass(frozen=True)
class _Trials:
    """The trials as columns, each of shape (trials,)."""

    ease: Numbers
    may_be_small: NDArray[np.bool_]
    holds: NDArray[np.bool_]
    lost: Numbers
    small_cost: Numbers
    strong_cost: Numbers
    weight: Numbers
    cluster: NDArray[np.int64]

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> _Trials:
        def column(name: str, kind: type) -> NDArray[Any]:
            return np.array([getattr(trial, name) for trial in trials], dtype=kind)

        clusters = positions([trial.cluster or number for number, trial in enumerate(trials)], len(trials))
        numbers = {name: column(name, float) for name in ("ease", "lost", "small_cost", "strong_cost", "weight")}
        flags = {name: column(name, bool) for name in ("may_be_small", "holds")}
        return cls(**numbers, **flags, cluster=clusters)

    def value(self, to_small: NDArray[np.bool_], threshold: float | None) -> Value:
        """What it comes to when these questions are the small model's."""
        if not self.ease.size:
            return Value(threshold, 0.0, 0.0, NOBODY_KNOWS, 0.0, 0.0, 0)
        by_small = to_small & self.holds
        costs = np.where(to_small, self.small_cost, 0.0) + np.where(by_small, 0.0, self.strong_cost)
        cost, strong_cost = self._mean(costs), self._mean(self.strong_cost)
        return Value(
            threshold,
            cost,
            1 - cost / strong_cost if strong_cost else 0.0,
            self._regret(by_small) if threshold != STRONG_ONLY else Estimate(0.0, 0.0, 0.0, self.ease.size),
            self._mean(by_small),
            self._mean(to_small & ~self.holds),
            self.ease.size,
        )

    def at(self, threshold: float) -> Value:
        return self.value(self.may_be_small & (self.ease >= threshold), threshold)

    def thresholds(self, most: int) -> list[float]:
        """From the strictest to the least strict: such that each lets about as many questions more to the small one."""
        eases = np.unique(self.ease[self.may_be_small])
        if eases.size > most:
            ordered = np.sort(self.ease[self.may_be_small])
            eases = np.unique(np.quantile(ordered, np.linspace(0, 1, most), method="lower"))
        return [float(ease) for ease in eases[::-1]]

    def _mean(self, values: NDArray[Any]) -> float:
        return float((self.weight * values).sum() / self.weight.sum())

    def _regret(self, by_small: NDArray[np.bool_]) -> Estimate:
        lost = np.where(by_small, self.lost, 0.0)
        clusters = int(self.cluster.max()) + 1
        of_clusters = [np.bincount(self.cluster, each, clusters) for each in (self.weight * lost, self.weight)]
        sums = Sums(of_clusters[0].astype(float), of_clusters[1].astype(float))
        return _regret(self._mean(np.maximum(lost, 0)), self._mean(np.maximum(-lost, 0)), sums, self.weight)


def _regret(lost: float, gained: float, sums: Sums, weights: Numbers) -> Estimate:
    """The shares of answers that got worse and better, less each other: Tango's interval (1998, Stat. in Medicine 17).

    It holds where few answers differ or none, which is the rule here. Weights and clusters change the number of
    questions that it is taken for: as many as the spread between the clusters is worth (Franco et al. 2019, JSSAM 7),
    and never more than the weights leave (Kish 1965, Survey Sampling, 11.7).
    """
    value = lost - gained
    if sums.n == weights.size and np.isclose(weights, weights[0]).all():
        cases, quantile = float(sums.n), Z
    else:
        error = sums.error if sums.n > 1 else 0.0
        worth = (lost + gained - value**2) / error**2 if error else effective_cases(sums.weights, sums.weights)
        cases = min(worth, effective_cases(weights, weights))
        quantile = quantile_of_t(sums.n) if error else Z
    low, high = tango(gained * cases, lost * cases, cases, quantile)
    return Estimate(value, min(low, value), max(high, value), sums.n)


def value_of(trials: Sequence[Trial], threshold: float) -> Value:
    """What it comes to when the small model answers from an ease of `threshold` on."""
    return _Trials.of(trials).at(threshold)


def frontier(trials: Sequence[Trial]) -> tuple[Value, ...]:
    """What each threshold comes to that makes a difference, at most about 50, from strong only to small first."""
    table = _Trials.of(trials)
    return tuple(table.at(threshold) for threshold in [STRONG_ONLY, *table.thresholds(POINTS)])


def random_line(trials: Sequence[Trial]) -> tuple[Value, ...]:
    """The line to beat: among the questions that the rules leave, the small model is drawn, for shares from 0 to 1.

    Its answers are checked as in any other policy. The line is exact, not drawn: the mean over all draws.
    """
    end = value_of(trials, SMALL_FIRST)
    start = value_of(trials, STRONG_ONLY)
    return tuple(_between(start, end, share) for share in np.linspace(0, 1, SHARES))


def random_like(trials: Sequence[Trial], value: Value) -> Value:
    """Random choice that asks the small model as often as a policy does."""
    end = value_of(trials, SMALL_FIRST)
    share = min(1.0, value.asked_of_small / end.asked_of_small) if end.asked_of_small else 0.0
    return _between(value_of(trials, STRONG_ONLY), end, share)


def _between(start: Value, end: Value, share: float) -> Value:
    """Of a policy that loses nothing and one that loses some, drawn with `share`."""

    def mixed(one: float, other: float) -> float:
        return float((1 - share) * one + share * other)

    regret = end.regret
    value, low, high = (float(share * each) for each in (regret.value, regret.low, regret.high))
    return Value(
        threshold=None,
        cost=mixed(start.cost, end.cost),
        spared=mixed(start.spared, end.spared),
        regret=Estimate(value, low, high, regret.n) if end.n else NOBODY_KNOWS,
        by_small=mixed(start.by_small, end.by_small),
        held_back=mixed(start.held_back, end.held_back),
        n=end.n,
    )


def oracle(trials: Sequence[Trial]) -> Value:
    """The best that any choice could do: the small model where its answer holds, is no worse, and costs less."""
    table = _Trials.of(trials)
    is_better = table.may_be_small & table.holds & (table.lost <= 0) & (table.small_cost <= table.strong_cost)
    return table.value(is_better, None)


def propose(trials: Sequence[Trial], margin: float) -> Value | None:
    """The threshold of least cost that surely keeps the regret within `margin`; None where strong only is to stay.

    The thresholds are tried from the strictest on, each a test that its regret is above the margin; the first that is
    not refuted ends the search. Tests in an order that was fixed before need no correction for their number (Maurer,
    Hothorn & Lehmacher 1995; as risk control: Angelopoulos et al. 2021, Learn then Test, arXiv 2110.01052), so that
    picking the cheapest of those that passed is no winner's curse: with 97.5 % the regret of the picked one is within
    the margin. The order follows from the eases and the weights alone, never from what was lost.
    """
    if margin <= 0:
        raise ValueError("the margin has to be above zero")
    table = _Trials.of(trials)
    best, strong_only = None, table.at(STRONG_ONLY)
    for threshold in table.thresholds(STEPS):
        value = table.at(threshold)
        if value.regret.high > margin:
            break
        if value.cost < (best or strong_only).cost:
            best = value
    return best
