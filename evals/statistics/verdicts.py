"""A difference in words."""

from __future__ import annotations

from enum import StrEnum

from evals.statistics.drift import Drift
from evals.statistics.paired import Difference
from evals.statistics.power import quantiles

RELEVANT = 0.10


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    NO_EVIDENCE = "no evidence"
    TOO_FEW = "too few cases"


def verdict_of(
    difference: Difference | Drift | None,
    *,
    p: float | None = None,
    alpha: float = 0.05,
    relevant: float = RELEVANT,
) -> Verdict:
    """Better or worse when p is at most `alpha`; `p` is the adjusted one where several metrics are compared.

    Otherwise "no evidence" is said only by a comparison that could have had some: one that shows a difference of
    `relevant` (10 points; in the unit of the values) with a power of .8. What cannot do that has too few cases.
    Higher values are taken for better: turn the values of times and costs round.
    """
    if difference is None:
        return Verdict.TOO_FEW
    if (difference.p if p is None else p) <= alpha and difference.value:
        return Verdict.BETTER if difference.value > 0 else Verdict.WORSE
    return Verdict.NO_EVIDENCE if shown_by(difference) <= relevant else Verdict.TOO_FEW


def shown_by(difference: Difference | Drift) -> float:
    """The least difference that a comparison as precise as this one shows with a power of .8.

    The interval's half width is z(.975) standard errors, and z(.975) + z(.8) of them are needed (Cohen 1988, 2.2).
    """
    false_alarm, miss = quantiles(0.8, 0.05)
    return (difference.high - difference.low) / 2 * (false_alarm + miss) / false_alarm
