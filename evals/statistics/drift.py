"""Scores of real traffic over time: has something changed since?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from evals.statistics.intervals import SHARE, Estimate, Scale, Z, mean
from evals.statistics.resampling import Values


@dataclass(frozen=True)
class Point:
    """One stretch of time: what a chart calls it, and the score with its interval (None when nothing was graded)."""

    label: str
    estimate: Estimate | None


@dataclass(frozen=True)
class Drift:
    """Later minus earlier with its 95 % interval, and `p`: how often chance alone would differ as much."""

    value: float
    low: float
    high: float
    p: float
    n_earlier: int
    n_later: int

    @property
    def n(self) -> int:
        return self.n_earlier + self.n_later


def drift_of(
    earlier: Values,
    later: Values,
    *,
    earlier_weights: Values | None = None,
    later_weights: Values | None = None,
    scale: Scale | None = SHARE,
) -> Drift | None:
    """The difference between two times whose turns have nothing in common; None when one of them says nothing.

    The interval joins those of the two means (Newcombe 1998, Statistics in Medicine 17, method 10; for other means
    Zou & Donner 2008, 27), so that skewed scores, weights and shares near 1 are treated as they deserve. p is read from
    the interval (Altman & Bland 2011, BMJ 343): it is under .05 exactly when the interval leaves out zero.
    """
    was = mean(earlier, weights=earlier_weights, scale=scale)
    now = mean(later, weights=later_weights, scale=scale)
    if was is None or now is None:
        return None
    value = now.value - was.value
    below = math.hypot(now.value - now.low, was.high - was.value)
    above = math.hypot(now.high - now.value, was.value - was.low)
    towards_zero = below if value > 0 else above
    return Drift(value, value - below, value + above, _p(value, towards_zero), was.n, now.n)


def _p(value: float, towards_zero: float) -> float:
    if not value:
        return 1.0
    return float(2 * stats.norm.sf(Z * abs(value) / towards_zero)) if towards_zero else 0.0
