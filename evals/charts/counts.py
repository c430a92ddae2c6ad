"""How often each label or point was given, as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from evals.charts.words import cut

WIDTH = 240
ROW = 22
LABELS = 96
COUNTS = 36
LONGEST_LABEL = 13


@dataclass(frozen=True)
class Bar:
    """One row: `label` (cut to its room), its `count`, and a bar `length` long; `y` is the row's upper edge."""

    label: str
    count: int
    share: float
    y: int
    length: float

    @property
    def top(self) -> int:
        return self.y + 4

    @property
    def text_y(self) -> int:
        return self.y + 15

    @property
    def count_x(self) -> float:
        return LABELS + self.length + 6


@dataclass(frozen=True)
class Bars:
    """A picture of `width` by `height`; the bars begin at `start` and are drawn from top to bottom."""

    rows: tuple[Bar, ...]
    height: int
    words: str

    width: ClassVar[int] = WIDTH
    start: ClassVar[int] = LABELS
    template: ClassVar[str] = "evals/_chart_bars.html"


def bars(counts: Mapping[str, int] | Sequence[tuple[str, int]]) -> Bars:
    """One bar for each label, in their order; the longest fills the room. No labels make no rows."""
    pairs = list(counts.items()) if isinstance(counts, Mapping) else list(counts)
    every, most = sum(count for _, count in pairs), max((count for _, count in pairs), default=0)
    room = WIDTH - LABELS - COUNTS
    rows = tuple(
        Bar(
            label=cut(label, LONGEST_LABEL),
            count=count,
            share=count / every if every else 0.0,
            y=place * ROW,
            length=round(room * count / most, 1) if most else 0.0,
        )
        for place, (label, count) in enumerate(pairs)
    )
    said = ", ".join(f"{label}: {count}" for label, count in pairs) or "nothing was counted"
    return Bars(rows, max(1, len(rows)) * ROW, said)
