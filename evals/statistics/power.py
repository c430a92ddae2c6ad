"""How many cases a difference needs to be seen, and which difference a number of cases shows.

Both runs answer the same cases. Connor (1987, Biometrics 43; after Miettinen 1968) gives the number of pairs for
passed and failed from the share of pairs that differ; its square root of that share is, for scores, the root of the
mean square of the differences.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from evals.statistics.resampling import Values


def cases_needed(difference: float, *, spread: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """So many cases show a true `difference` with this power, in a two-sided test at `alpha`.

    `spread` is the standard deviation of the differences of single cases (see `spread_of`), in the same unit. For
    passed and failed it is at least what the difference itself causes; see `spread_of_discordant`.
    """
    if not difference:
        raise ValueError("no number of cases shows a difference of nothing")
    false_alarm, miss = quantiles(power, alpha)
    root = false_alarm * math.hypot(spread, difference) + miss * spread
    return max(2, math.ceil((root / difference) ** 2 - 1e-9))


def detectable(n: int, *, spread: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """The least difference that `n` cases show with this power: `cases_needed` turned round; inf for under 4 cases."""
    false_alarm, miss = quantiles(power, alpha)
    free = n - false_alarm**2
    if free <= 0:
        return math.inf
    root = math.sqrt(n * miss**2 + free * (false_alarm**2 - miss**2))
    return spread * (math.sqrt(n) * miss + root) / free


def spread_of(before: Values, after: Values) -> float:
    """The standard deviation of the differences of single cases, of two runs that were made.

    One case that got better and one that got worse, each by half the largest change that the values allow to think of,
    are counted as seen, so that two runs without any difference do not promise that two cases suffice.
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    change = y - x
    if not change.size:
        return math.nan
    largest = float(np.abs(change).max()) or (float(np.ptp(np.concatenate([x, y]))) or 1.0)
    return float(np.std(np.append(change, [largest / math.sqrt(2), -largest / math.sqrt(2)]), ddof=1))


def spread_of_discordant(share: float, difference: float) -> float:
    """The same for passed and failed, when `share` of the pairs differ and `difference` is what they differ by."""
    if not abs(difference) <= share <= 1:
        raise ValueError("at least as many pairs differ as the difference says")
    return math.sqrt(share - difference**2)


def quantiles(power: float, alpha: float) -> tuple[float, float]:
    """How many standard errors keep off false alarms, and how many more keep off misses."""
    return float(stats.norm.ppf(1 - alpha / 2)), float(stats.norm.ppf(power))
