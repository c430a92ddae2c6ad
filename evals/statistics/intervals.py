"""How high a share or a score is, and between which bounds it lies with 95 % confidence."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evals.statistics.resampling import Numbers, Sums, Values, quantile_of_t, studentised

Z = float(stats.norm.ppf(0.975))
Scale = tuple[float, float]
SHARE: Scale = (0.0, 1.0)


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; `n` is the number of cases behind it (clusters, where there are any)."""

    value: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


def proportion(passed: int, n: int) -> Estimate | None:
    """The share that passed, from 0 to 1; None for no cases.

    Wilson's interval (1927, JASA 22): also with few cases, and where all or none passed, it covers what it says
    (Brown, Cai & DasGupta 2001, Statistical Science 16).
    """
    if n == 0:
        return None
    interval = stats.binomtest(passed, n).proportion_ci(method="wilson")
    return Estimate(passed / n, float(interval.low), float(interval.high), n)


def mean(
    values: Values,
    *,
    clusters: Sequence[Hashable] | None = None,
    weights: Values | None = None,
    scale: Scale | None = SHARE,
) -> Estimate | None:
    """The mean score, in the unit of the values; None for no values, or where one cluster says nothing about spread.

    Name the case of each value in `clusters` when cases were repeated or belong together; `weights` are inverse
    probabilities of having been drawn. Passed and failed (1 and 0) get Wilson's interval with the effective number of
    cases, scores a bootstrap-t over clusters. `scale` is the least and the highest score: the interval stays within,
    and where all scores are the same it is as wide as for passed and failed. Values that go beyond it have none; say
    None for what has no highest value, such as seconds and dollars.
    """
    x = np.asarray(values, dtype=float)
    if not x.size:
        return None
    sums = Sums.of(x, clusters, weights)
    bounds = within(x, scale)
    cases = effective_cases(x, weights)
    if bounds == SHARE and is_pass_fail(x):
        return _share(sums, cases)
    if sums.n == 1:
        return None
    if not np.ptp(x) and bounds:
        return _all_the_same(float(x[0]), sums, cases, bounds)
    least, most = bounds or (-np.inf, np.inf)
    low, high = studentised(sums)
    return Estimate(sums.ratio, max(low, least), min(high, most), sums.n)


def within(values: Numbers, scale: Scale | None) -> Scale | None:
    """The scale, if all values lie on it."""
    return scale if scale and values.min() >= scale[0] and values.max() <= scale[1] else None


def is_pass_fail(values: Numbers) -> bool:
    return bool(((values == 0) | (values == 1)).all())


def effective_cases(values: Numbers, weights: Values | None) -> float:
    """How many values of equal weight say as much as these (Kish 1965, Survey Sampling, 11.7)."""
    if weights is None:
        return float(values.size)
    w = np.asarray(weights, dtype=float)
    return float(w.sum() ** 2 / (w**2).sum())


def _share(sums: Sums, cases: float) -> Estimate:
    """Wilson's interval for as many cases as the spread between clusters is worth (Franco et al. 2019, JSSAM 7).

    Never more than the weights leave; with no spread to see, no more than there are clusters.
    """
    share = sums.ratio
    error = sums.error if sums.n > 1 else 0.0
    if np.isclose(sums.weights, sums.weights[0]).all() and sums.n == round(cases):
        return Estimate(share, *wilson(share, cases, Z), sums.n)
    worth = share * (1 - share) / error**2 if error else effective_cases(sums.weights, sums.weights)
    quantile = quantile_of_t(sums.n) if error else Z
    return Estimate(share, *wilson(share, min(worth, cases), quantile), sums.n)


def _all_the_same(value: float, sums: Sums, cases: float, bounds: tuple[float, float]) -> Estimate:
    """On a bounded scale no score varies more than one that is either the least or the most: Wilson's is safe."""
    least, most = bounds
    share = (value - least) / (most - least)
    low, high = wilson(share, min(cases, effective_cases(sums.weights, sums.weights)), Z)
    return Estimate(value, least + low * (most - least), least + high * (most - least), sums.n)


def wilson(share: float, n: float, quantile: float) -> tuple[float, float]:
    """Wilson's interval for a number of cases that need not be whole."""
    q2 = quantile**2
    middle = (share + q2 / (2 * n)) / (1 + q2 / n)
    half = quantile / (1 + q2 / n) * float(np.sqrt(share * (1 - share) / n + q2 / (4 * n * n)))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
