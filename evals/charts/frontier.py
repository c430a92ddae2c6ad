"""What is spent against what is lost: the way through all thresholds, beside the straight line of random choice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

WIDTH, HEIGHT = 480, 264
LEFT, RIGHT, TOP, BOTTOM = 56, 464, 16, 212
STEPS = (1, 2, 2.5, 5, 10)
LEVELS = 4


@dataclass(frozen=True)
class Place:
    """A policy: `cost` in hundredths of the strong model's alone, `lost` in points of a hundred, and its words."""

    cost: float
    lost: float
    words: str = ""


@dataclass(frozen=True)
class Dot:
    """A place on the picture."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Tick:
    """A value on an axis: `at` from the left or from the top."""

    at: float
    text: str

    @property
    def baseline(self) -> float:
        return round(self.at + 4, 1)


@dataclass(frozen=True)
class Frontier:
    """A picture of `width` by `height`. `way` and `line` are points as SVG has them, `strong` and `small` the ends."""

    way: str
    line: str
    dots: tuple[Dot, ...]
    strong: Dot
    small: Dot
    live: Dot | None
    proposed: Dot | None
    across: tuple[Tick, ...]
    down: tuple[Tick, ...]
    words: str

    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    left: ClassVar[int] = LEFT
    right: ClassVar[int] = RIGHT
    top: ClassVar[int] = TOP
    bottom: ClassVar[int] = BOTTOM
    middle: ClassVar[int] = (LEFT + RIGHT) // 2
    text_end: ClassVar[int] = LEFT - 8
    template: ClassVar[str] = "evals/_chart_frontier.html"


def frontier_chart(
    way: Sequence[Place],
    line: Sequence[Place],
    *,
    live: Place | None = None,
    proposed: Place | None = None,
) -> Frontier:
    """From strong only, the first of both, to small first, the last. ValueError without two places on each.

    Cost goes across, what is lost goes down: the best corner is at the top left.
    """
    if len(way) < 2 or len(line) < 2:
        raise ValueError("a frontier needs two ends")
    every = [*way, *line, *filter(None, (live, proposed))]
    costs = _levels([place.cost for place in every] + [0.0, 100.0])
    losses = _levels([place.lost for place in every] + [0.0, 1.0])

    def dot(place: Place) -> Dot:
        x = LEFT + _along(place.cost, costs) * (RIGHT - LEFT)
        y = TOP + _along(place.lost, losses) * (BOTTOM - TOP)
        return Dot(round(x, 1), round(y, 1), place.words)

    return Frontier(
        way=_points([dot(place) for place in way]),
        line=_points([dot(place) for place in line]),
        dots=tuple(dot(place) for place in way[1:-1]),
        strong=dot(way[0]),
        small=dot(way[-1]),
        live=dot(live) if live else None,
        proposed=dot(proposed) if proposed else None,
        across=tuple(Tick(round(LEFT + _along(one, costs) * (RIGHT - LEFT), 1), _text(one)) for one in costs),
        down=tuple(Tick(round(TOP + _along(one, losses) * (BOTTOM - TOP), 1), _text(one)) for one in losses),
        words=f"From {way[0].words} to {way[-1].words}; {len(way)} thresholds",
    )


def _points(dots: Sequence[Dot]) -> str:
    return " ".join(f"{dot.x},{dot.y}" for dot in dots)


def _along(value: float, levels: Sequence[float]) -> float:
    return (value - levels[0]) / (levels[-1] - levels[0])


def _levels(values: Sequence[float]) -> list[float]:
    """Round values around all of these, about four steps of them."""
    least, most = min(values), max(values)
    size = 10.0 ** math.floor(math.log10((most - least) / LEVELS))
    step = next(step * size for step in STEPS if step * size >= (most - least) / LEVELS * (1 - 1e-9))
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def _text(value: float) -> str:
    return f"{value:g}".replace("-", "−")
