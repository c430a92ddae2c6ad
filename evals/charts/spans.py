"""An interval on a line: where the value lies, how sure it is, and on which side of zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from evals.charts.words import Unit, difference_in_words, level_in_words
from evals.statistics.intervals import Estimate

WIDTH = 144
EDGE = 8
"""Room for the dot at both ends of the line."""


class Known(Protocol):
    """An estimate, a difference or a drift."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True)
class Interval:
    """A band from `start` to `end` with a dot, on a line of 144; `zero` is where nothing differs, if it is drawn.

    `is_sure`: the interval leaves out zero; the dot is full then, and hollow otherwise. A band that goes on beyond the
    line is `cut_start` or `cut_end` and ends in an arrow. `words` say it all.
    """

    start: float
    end: float
    dot: float
    zero: float | None
    is_sure: bool
    cut_start: bool
    cut_end: bool
    words: str

    template: ClassVar[str] = "evals/_chart_interval.html"


def interval(known: Known, *, low: float | None = None, high: float | None = None, unit: Unit = "points") -> Interval:
    """A difference (or drift) beside zero, or an estimate on its scale.

    `low` and `high` are the ends of the line, the same for all that are compared by eye: 20 points to both sides for a
    difference, and 0 to 1 for an estimate, if nothing is said; a line without length has no place for anything.
    """
    is_level = isinstance(known, Estimate)
    least = (0.0 if is_level else -0.2) if low is None else low
    most = (1.0 if is_level else 0.2) if high is None else high
    if not least < most:
        raise ValueError("the line needs a low end and a high end")

    def place(value: float) -> float:
        along = (min(max(value, least), most) - least) / (most - least)
        return round(EDGE + along * (WIDTH - 2 * EDGE), 1)

    said = (level_in_words if is_level else difference_in_words)(known.value, known.low, known.high, unit)
    slack = (most - least) * 1e-9
    return Interval(
        start=place(known.low),
        end=place(known.high),
        dot=place(known.value),
        zero=None if is_level or not least <= 0 <= most else place(0.0),
        is_sure=is_level or known.low > 0 or known.high < 0,
        cut_start=known.low < least - slack,
        cut_end=known.high > most + slack,
        words=said,
    )


def shared_reach(known: Sequence[Known], *, least: float = 0.1) -> float:
    """How far a line has to go to both sides so that all these differences fit, in round steps of a twentieth."""
    ends = [abs(end) for one in known for end in (one.low, one.high)]
    return math.ceil(max([least, *ends]) * 20 - 1e-9) / 20
