"""A score over time: a line with whiskers, and gaps where nothing was graded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from evals.charts.words import Unit, cut, level, level_in_words
from evals.statistics.drift import Point
from evals.statistics.intervals import Estimate

WIDTH, HEIGHT = 400, 168
LEFT, RIGHT, TOP, BOTTOM = 48, 388, 10, 140
MOST_NAMES = 5
LONGEST_NAME = 12
HALF_A_NAME = 36
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Mark:
    """A value at (x, y) with a whisker from `low_y` up to `high_y`, and what it says in words."""

    x: float
    y: float
    low_y: float
    high_y: float
    words: str

    @property
    def cap_start(self) -> float:
        return round(self.x - 3, 1)

    @property
    def cap_end(self) -> float:
        return round(self.x + 3, 1)


@dataclass(frozen=True)
class Tick:
    """A text on an axis: at `at` from the left (time, the text's middle) or from the top (score)."""

    at: float
    text: str

    @property
    def baseline(self) -> float:
        """Where a text stands whose middle is beside a level."""
        return round(self.at + 4, 1)


@dataclass(frozen=True)
class Line:
    """The way between two neighbours in time that both have a value."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Series:
    """A picture of `width` by `height`; `rows` says the same as a table: (name, words) for each stretch of time."""

    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    levels: tuple[Tick, ...]
    names: tuple[Tick, ...]
    rows: tuple[tuple[str, str], ...]
    words: str

    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    left: ClassVar[int] = LEFT
    text_end: ClassVar[int] = LEFT - 8
    right: ClassVar[int] = RIGHT
    names_y: ClassVar[int] = BOTTOM + 20
    template: ClassVar[str] = "evals/_chart_series.html"


def series(points: Sequence[Point], *, scale: tuple[float, float] | None = None, unit: Unit = "points") -> Series:
    """Points in the order of time. The axis is as wide as the whiskers need, in round steps, and stays on the scale.

    The scale is 0 to 1 for points, and open for scores, if none is given.
    """
    bounds = scale or ((0.0, 1.0) if unit == "points" else (-math.inf, math.inf))
    levels = _levels([point.estimate for point in points if point.estimate], bounds)
    places = [_across(number, len(points)) for number in range(len(points))]
    found = [
        _mark(point, point.estimate, x, levels, unit) if point.estimate else None
        for point, x in zip(points, places, strict=True)
    ]
    return Series(
        marks=tuple(mark for mark in found if mark),
        lines=tuple(Line(a.x, a.y, b.x, b.y) for a, b in pairwise(found) if a and b),
        levels=tuple(Tick(_up(value, levels), level(value, unit)) for value in levels),
        names=tuple(_names(points, places)),
        rows=tuple((point.label, _said(point.estimate, unit)) for point in points),
        words=_in_words(points, unit),
    )


def _mark(point: Point, estimate: Estimate, x: float, levels: Sequence[float], unit: Unit) -> Mark:
    return Mark(
        x,
        _up(estimate.value, levels),
        _up(estimate.low, levels),
        _up(estimate.high, levels),
        f"{point.label}: {_said(estimate, unit)}",
    )


def _across(number: int, of: int) -> float:
    """From the left edge to the right one, with half a step of room at both ends."""
    return round(LEFT + (RIGHT - LEFT) * (number + 0.5) / of, 1)


def _up(value: float, levels: Sequence[float]) -> float:
    along = (min(max(value, levels[0]), levels[-1]) - levels[0]) / (levels[-1] - levels[0])
    return round(BOTTOM - along * (BOTTOM - TOP), 1)


def _levels(estimates: Sequence[Estimate], bounds: tuple[float, float]) -> list[float]:
    """Three to six round values around all whiskers, within the bounds."""
    least = min((estimate.low for estimate in estimates), default=max(bounds[0], 0.0))
    most = max((estimate.high for estimate in estimates), default=min(bounds[1], 1.0))
    span = max(most - least, 0.02)
    size = 10.0 ** math.floor(math.log10(span / 4))
    step = next(step * size for step in STEPS if step * size >= span / 4 * (1 - 1e-9))
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    last = max(last, first + 1)
    values = [round(number * step, 10) for number in range(first, last + 1)]
    inside = [value for value in values if bounds[0] <= value <= bounds[1]]
    return inside if len(inside) > 1 else values


def _names(points: Sequence[Point], places: Sequence[float]) -> Iterator[Tick]:
    """At most five names, evenly spread, the first and the last among them; all stay within the picture."""
    last = len(points) - 1
    shown = min(len(points), MOST_NAMES)
    numbers = sorted({round(number * last / max(1, shown - 1)) for number in range(shown)})
    for number in numbers:
        yield Tick(min(places[number], WIDTH - HALF_A_NAME), cut(points[number].label, LONGEST_NAME))


def _said(estimate: Estimate | None, unit: Unit) -> str:
    if estimate is None:
        return "nothing graded"
    return level_in_words(estimate.value, estimate.low, estimate.high, unit)


def _in_words(points: Sequence[Point], unit: Unit) -> str:
    known = [(point.label, point.estimate) for point in points if point.estimate]
    if not known:
        return "nothing graded yet"
    (first, was), (last, now) = known[0], known[-1]
    if len(known) == 1:
        return f"{first}: {_said(was, unit)}"
    return f"from {level(was.value, unit)} ({first}) to {level(now.value, unit)} ({last}), {len(known)} values"
