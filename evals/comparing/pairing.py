"""Which answers of two runs belong together, which cases are left out, and what has become of each case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evals.comparing.sameness import Sameness, is_measure
from evals.reporting.table import PASSED, Row, Table


class Change(StrEnum):
    """What became of a case, the worst first."""

    NEW_HARD_FAILURE = "new hard failure"
    WORSE = "worse"
    NO_ANSWER = "no answer on one side"
    BETTER = "better"
    OTHER_SCORE = "another score"
    SAME = "the same"


@dataclass(frozen=True, slots=True)
class Pair:
    """The answers to one case on both sides, one for each repetition. `scores` are the metrics that moved: name →
    (mean before, mean after)."""

    case: int
    key: str
    unit: str
    before: tuple[Row, ...]
    after: tuple[Row, ...]
    change: Change
    scores: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A case that is not compared. `case` is its revision's key in the database."""

    case: int
    key: str
    why: str


def pair_up(before: Table, after: Table, sameness: Sameness) -> tuple[Pair, ...]:
    """The cases that both runs have answered, in the same revision: what got worse first, then by the case's id.

    What became of a case is said by metrics that mean the same on both sides; not by demo verdicts, nor by times and
    costs, which move each time.
    """
    old, new = rows_of(before), rows_of(after)
    metrics = [name for name in (PASSED, *graders_of(after, sameness)) if not sameness.problem_of(name)]
    decides = [name for name in metrics if name not in sameness.demo and not is_measure(name)]
    pairs = [_pair(case, old[case], new[case], metrics, decides) for case in old if case in new]
    order = list(Change)
    return tuple(sorted(pairs, key=lambda pair: (order.index(pair.change), pair.key)))


def left_out(before: Table, after: Table) -> tuple[LeftOut, ...]:
    """The cases that only one of the runs has answered, with the reason."""
    old, new = rows_of(before), rows_of(after)
    names = [{rows[0].key for rows in side.values()} for side in (old, new)]
    found = [
        *_only(old, new, names[1], f"only run {before.run.pk} has it"),
        *_only(new, old, names[0], f"only run {after.run.pk} has it"),
    ]
    return tuple(sorted(found, key=lambda one: (one.key, one.case)))


def rows_of(table: Table) -> dict[int, tuple[Row, ...]]:
    """The rows of each case, by its repetitions."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in table.rows:
        if row.case is not None:
            found[row.case].append(row)
    return {case: tuple(sorted(rows, key=lambda row: row.repetition)) for case, rows in found.items()}


def graders_of(after: Table, sameness: Sameness) -> list[str]:
    """All graders of the two that grade an answer by itself, in the later run's order."""
    known = {**sameness.after, **sameness.before}
    return list(dict.fromkeys([*(name for name in after.graders if name in known), *known]))


def mean_of(rows: Sequence[Row], metric: str) -> float | None:
    """The mean over the repetitions that have a score; None where none has."""
    values = [value for row in rows if (value := row.value(metric)) is not None]
    return sum(values) / len(values) if values else None


def fails_hard(row: Row) -> bool:
    """Whether the answer must never be given, by anybody but the demo model."""
    said = [mark for mark in row.marks.values() if mark.is_hard_failure]
    return any(not mark.is_demo for mark in said) if said else row.is_hard_failure


def _only(
    mine: dict[int, tuple[Row, ...]], theirs: dict[int, tuple[Row, ...]], their_names: set[str], why: str
) -> Iterator[LeftOut]:
    for case in mine.keys() - theirs.keys():
        key = mine[case][0].key
        yield LeftOut(case, key, "the case was revised in between" if key in their_names else why)


def _pair(
    case: int, before: tuple[Row, ...], after: tuple[Row, ...], metrics: Sequence[str], decides: Sequence[str]
) -> Pair:
    scores = {}
    for name in metrics:
        old, new = mean_of(before, name), mean_of(after, name)
        if old is not None and new is not None and old != new:
            scores[name] = (old, new)
    moved = {name: scores[name] for name in decides if name in scores}
    return Pair(case, after[0].key, after[0].unit, before, after, _change(before, after, moved), scores)


def _change(before: Sequence[Row], after: Sequence[Row], moved: dict[str, tuple[float, float]]) -> Change:
    if any(map(fails_hard, after)) and not any(map(fails_hard, before)):
        return Change.NEW_HARD_FAILURE
    if PASSED in moved:
        old, new = moved[PASSED]
        return Change.WORSE if new < old else Change.BETTER
    if any(row.error for row in (*before, *after)):
        return Change.NO_ANSWER
    return Change.OTHER_SCORE if moved else Change.SAME
