"""Two runs over the same cases: how large is the difference, and could it be chance?"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from evals.statistics.intervals import SHARE, Scale, Z, is_pass_fail, within
from evals.statistics.resampling import SEED, Counts, Numbers, Sums, Values, studentised

FLIPS = 10_000
ALL_FLIPS_UP_TO = 13
MOST_FLIPPED = 500


@dataclass(frozen=True)
class Difference:
    """After minus before with its 95 % interval, and `p`: how often chance alone would differ as much.

    `n` is the number of pairs; of these, `lost` got worse and `gained` got better.
    """

    value: float
    low: float
    high: float
    p: float
    n: int
    lost: int
    gained: int


def paired_difference(
    before: Values,
    after: Values,
    *,
    clusters: Sequence[Hashable] | None = None,
    scale: Scale | None = SHARE,
) -> Difference | None:
    """The mean difference over pairs, in the unit of the values; give one pair per case: its mean over repetitions.

    Passed and failed, one pair a cluster: Tango's interval and McNemar's exact test. Scores and larger clusters: a
    bootstrap over clusters, and flipped signs. None for no pairs, or for one cluster of scores. `scale` is the least
    and the highest value, as for `mean`; it says how far two runs might differ that have not differed yet.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if x.shape != y.shape:
        raise ValueError("every case needs a value before and after")
    if not x.size:
        return None
    change = y - x
    sums = Sums.of(change, clusters)
    lost, gained = int((change < 0).sum()), int((change > 0).sum())
    both = np.concatenate([x, y])
    bounds = within(both, scale)
    if bounds == SHARE and is_pass_fail(both) and sums.n == x.size:
        return Difference(sums.ratio, *tango(lost, gained, x.size), mcnemar(lost, gained), x.size, lost, gained)
    if sums.n == 1:
        return None
    low, high = _interval(sums, bounds[1] - bounds[0] if bounds else float(np.ptp(both)))
    return Difference(sums.ratio, low, high, flipped_signs(sums.values), x.size, lost, gained)


def mcnemar(lost: int, gained: int) -> float:
    """McNemar's test (1947, Psychometrika 12), exact and two-sided: are as many lost as gained?"""
    return float(stats.binomtest(lost, lost + gained, 0.5).pvalue) if lost + gained else 1.0


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Each p adjusted so that all of them together raise a false alarm in 5 % (Holm 1979, Scand. J. Statistics 6)."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def is_not_worse(difference: Difference | None, *, margin: float) -> bool:
    """The worst that the interval allows is less than the margin (Piaggio et al. 2012, JAMA 308; `margin` above zero).

    With few cases the interval is wide and does not pass: "nothing was seen" is no proof that nothing is worse.
    """
    return difference is not None and difference.low > -margin


def tango(lost: float, gained: float, n: float, quantile: float = Z) -> tuple[float, float]:
    """The 95 % score interval of (gained - lost) / n (Tango 1998, Statistics in Medicine 17), McNemar's test inverted.

    It stays honest where few pairs or none differ: 68 pairs without a change leave ± 5 points. The numbers need not be
    whole; `quantile` is that of the normal distribution, or of t where the spread itself is known from few clusters.
    """
    seen = (gained - lost) / n

    def beyond(true: float) -> float:
        """By how many standard errors the seen lies above a true difference, given that difference."""
        b = -gained - lost + (2 * n - gained + lost) * true
        c = -lost * true * (1 - true)
        share_lost = (np.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
        variance = n * (2 * share_lost + true * (1 - true))
        return float((gained - lost - n * true) / np.sqrt(max(variance, 1e-18)))

    low = -1.0 if lost == n else optimize.brentq(lambda true: beyond(true) - quantile, -1 + 1e-12, seen)
    high = 1.0 if gained == n else optimize.brentq(lambda true: beyond(true) + quantile, seen, 1 - 1e-12)
    return float(low), float(high)


def flipped_signs(totals: Numbers) -> float:
    """p of the differences' sum when each cluster could as well have gone the other way (Fisher 1935, section 21).

    All ways up to 13 clusters that differ, else 10,000 at random, the seen one among them (Phipson & Smyth 2010); the
    sum of more than 500 is taken for normal.
    """
    totals = totals[totals != 0]
    if not totals.size:
        return 1.0
    seen = abs(totals.sum()) * (1 - 1e-9)
    if totals.size <= ALL_FLIPS_UP_TO:
        bits = np.arange(2**totals.size)[:, None] >> np.arange(totals.size) & 1
        return float((np.abs((2 * bits - 1) @ totals) >= seen).mean())
    if totals.size > MOST_FLIPPED:
        return float(2 * stats.norm.sf(seen / np.sqrt((totals**2).sum())))
    sums = 2 * (_random_bits(totals.size) @ totals.astype(np.float32)) - totals.sum()
    return float((1 + (np.abs(sums) >= seen * (1 - 1e-5)).sum()) / (1 + FLIPS))


def _random_bits(n: int) -> Counts:
    """Zeros and ones of shape (flips, n); the same ones each time."""
    each = (n + 7) // 8
    drawn = np.frombuffer(np.random.default_rng(SEED).bytes(FLIPS * each), np.uint8).reshape(FLIPS, each)
    return np.unpackbits(drawn, axis=1, count=n).astype(np.float32)


def _interval(sums: Sums, reach: float) -> tuple[float, float]:
    """A bootstrap-t over clusters and two made-up ones: half a pair that got better, and half that got worse.

    `reach` is the largest change that could be, for two runs that do not differ at all.

    Most cases do not differ, and a bootstrap knows no change that it has not seen. With the half pairs of Agresti & Min
    (2005, Statistics in Medicine 24), as large as the largest change seen, it covers 93 to 97 % (87 % without).
    """
    changes = np.abs(sums.values / sums.weights)
    if not changes.any():
        low, high = tango(0, 0, sums.n)
        return low * reach, high * reach
    weight = float(sums.weights.mean())
    made_up = float(changes.max()) * weight / np.sqrt(2)
    return studentised(Sums(np.append(sums.values, [made_up, -made_up]), np.append(sums.weights, [weight, weight])))
