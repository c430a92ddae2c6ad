"""What each grader says of a run: its figure, how its words are spread, and where it said nothing or broke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evals.graders import GRADERS
from evals.grading import Outcome
from evals.reporting.estimates import estimate, estimate_of, title_of
from evals.reporting.table import Mark, Row, Table
from evals.statistics.intervals import Estimate

POINTS = range(1, 6)
STEPS = 5  # that scores without words of their own are put into


@dataclass(frozen=True)
class Score:
    """One grader's figures. `mean` is that of its scores and `passed` the share that it passed, both from 0 to 1.

    `spread` counts its words (labels, points, or how high the scores are), in their order from good to bad.
    """

    grader: str
    title: str
    kind: str
    version: str
    model: str
    mean: Estimate | None
    passed: Estimate | None
    points: float | None
    spread: tuple[tuple[str, int], ...]
    scored: int
    abstained: int
    failed: int
    hard_failures: int
    is_demo: bool


def scorecard(table: Table) -> list[Score]:
    """A score for each grader that said something, in the shelf's order."""
    return [_score(table, grader) for grader in table.graders]


def _score(table: Table, grader: str) -> Score:
    rows = [row for row in table.rows if grader in row.marks]
    marks = [row.marks[grader] for row in rows]
    scored = [mark for mark in marks if mark.outcome is Outcome.SCORED]
    points = [mark.points for mark in scored if mark.points is not None]
    outcomes = Counter(mark.outcome for mark in marks)
    as_graded = table.run.graders.get(grader, {})
    mean = estimate(rows, grader)
    return Score(
        grader,
        title_of(grader),
        GRADERS[grader].kind if grader in GRADERS else "",
        as_graded.get("version", ""),
        as_graded.get("model", ""),
        mean,
        mean if _is_pass_or_fail(scored) else estimate_of(_outcomes(rows, grader)),
        sum(points) / len(points) if points else None,
        _spread(scored, grader),
        outcomes[Outcome.SCORED],
        outcomes[Outcome.ABSTAINED],
        outcomes[Outcome.FAILED],
        sum(mark.is_hard_failure for mark in marks),
        any(mark.is_demo for mark in marks),
    )


def _is_pass_or_fail(marks: Sequence[Mark]) -> bool:
    """Whether its scores say no more than that."""
    return all(mark.passed is not None and mark.score == mark.passed for mark in marks)


def _outcomes(rows: Sequence[Row], grader: str) -> list[tuple[str, float, float]]:
    """Where the grader said pass or fail: the unit, 1 or 0, and the weight."""
    said = [(row, row.marks[grader].passed) for row in rows]
    return [(row.unit, float(passed), row.weight) for row, passed in said if passed is not None]


def _spread(marks: Sequence[Mark], grader: str) -> tuple[tuple[str, int], ...]:
    """The words of the grader with how often each was said."""
    if any(mark.label for mark in marks):
        said = Counter(mark.label for mark in marks)
        known = GRADERS[grader].labels if grader in GRADERS else ()
        return tuple((label, said[label]) for label in [*known, *sorted(said.keys() - set(known))] if label)
    if any(mark.points is not None for mark in marks):
        points = Counter(mark.points for mark in marks)
        return tuple((str(point), points[point]) for point in reversed(POINTS))
    scores = [mark.score for mark in marks if mark.score is not None]
    if set(scores) <= {0.0, 1.0}:
        return (("pass", scores.count(1.0)), ("fail", scores.count(0.0)))
    return _by_height(scores)


def _by_height(scores: Sequence[float]) -> tuple[tuple[str, int], ...]:
    """Scores from 0 to 1 in equal steps, the highest first."""
    counted = Counter(min(int(score * STEPS), STEPS - 1) for score in scores)
    step = 100 // STEPS
    return tuple((f"{low * step}–{(low + 1) * step} %", counted[low]) for low in reversed(range(STEPS)))
