"""Who gave which label where the other gave which: a table whose cells are the darker the fuller they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

SHADES = 4


@dataclass(frozen=True)
class Cell:
    """`count` items; `share` of its row. `shade` goes from 0 (none) to 4; `is_same`: both gave the same label."""

    count: int
    share: float
    shade: int
    is_same: bool
    is_dangerous: bool
    words: str


@dataclass(frozen=True)
class Row:
    """What the second rater said where the first one said `label`."""

    label: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class Confusion:
    """The first rater's labels are the rows, the second one's the columns, in the same order."""

    first: str
    second: str
    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: tuple[int, ...]
    words: str

    template: ClassVar[str] = "evals/_chart_confusion.html"

    @property
    def n(self) -> int:
        return sum(self.totals)


def confusion_table(
    confusion: Mapping[tuple[str, str], int],
    labels: Sequence[str],
    *,
    first: str = "People",
    second: str = "Judge",
    dangerous: Collection[tuple[str, str]] = (),
) -> Confusion:
    """`confusion` counts (first rater's label, second rater's label); pairs that are not in it were never seen.

    `dangerous` pairs are those that may not happen, such as (conflict, same); they are marked where they did.
    """

    def cell(one: str, other: str, total: int) -> Cell:
        count = confusion.get((one, other), 0)
        share = count / total if total else 0.0
        shade = 0 if not count else max(1, round(SHADES * share))
        said = f"{first} {one}, {second} {other}: {count}"
        return Cell(count, share, shade, one == other, bool(count) and (one, other) in dangerous, said)

    sums = {one: sum(confusion.get((one, other), 0) for other in labels) for one in labels}
    rows = tuple(Row(one, tuple(cell(one, other, sums[one]) for other in labels), sums[one]) for one in labels)
    same = sum(confusion.get((label, label), 0) for label in labels)
    return Confusion(
        first,
        second,
        tuple(labels),
        rows,
        tuple(sum(confusion.get((one, other), 0) for one in labels) for other in labels),
        f"{same} of {sum(sums.values())} the same",
    )
