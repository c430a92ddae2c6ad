"""A run as a table in memory: a row for each answer, with what each grader says of it. Three queries, whatever its
size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.db.models.fields.json import KT

from evals.graders import GRADERS
from evals.grading import Outcome
from evals.models import CaseRevision, Grading, Result, Run

PASSED = "passed"  # the metric of the rules: all that had something to say liked the answer


@dataclass(frozen=True, slots=True)
class Mark:
    """One grader's word. `score` is None where it abstained or failed."""

    outcome: Outcome
    score: float | None
    label: str
    points: int | None
    passed: bool | None
    is_hard_failure: bool
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One answer. `case` is None for a real turn; `unit` is what counts as one independent observation."""

    result: int
    case: int | None
    key: str
    unit: str
    repetition: int
    weight: float
    passed: bool | None
    is_hard_failure: bool
    error: str
    served_by: str
    ms: int
    cost_microdollars: int | None
    model: str = ""
    first_word_ms: int | None = None
    marks: dict[str, Mark] = field(default_factory=dict)

    def value(self, metric: str) -> float | None:
        """The row's score by a metric, from 0 to 1; None where there is none."""
        if metric == PASSED:
            return None if self.passed is None else float(self.passed)
        mark = self.marks.get(metric)
        return mark.score if mark else None


@dataclass(frozen=True)
class Table:
    """The rows of one run, in the order in which they were answered."""

    run: Run
    rows: tuple[Row, ...]

    @property
    def graders(self) -> list[str]:
        """All that said something, in the shelf's order; those that left it come last."""
        seen = {name for row in self.rows for name in row.marks}
        order = list(GRADERS)
        return sorted(seen, key=lambda name: (order.index(name) if name in order else len(order), name))

    def scored(self, metric: str) -> Iterator[tuple[Row, float]]:
        """The rows that have a score by this metric, with it."""
        for row in self.rows:
            if (value := row.value(metric)) is not None:
                yield row, value

    def by_case(self, metric: str) -> dict[int, list[float]]:
        """The scores of each case, one for each repetition that has one."""
        scores: dict[int, list[float]] = defaultdict(list)
        for row, value in self.scored(metric):
            if row.case is not None:
                scores[row.case].append(value)
        return dict(scores)


def load(run: Run) -> Table:
    """The table of a run, with the current words of its graders; of one that compares, those on the run's baseline.

    People's words are not in it.
    """
    cases = _cases_of(run)
    marks = _marks_of(run)
    results = Result.objects.filter(run=run).order_by("id").values_list(
        "id", "case_id", "repetition", "weight", "passed", "is_hard_failure", "error", "served_by", "ms",
        "cost_microdollars", "model", "first_word_ms",
    )  # fmt: skip
    return Table(run, tuple(_rows(results, cases, marks)))


def _rows(
    results: Iterable[tuple[object, ...]], cases: dict[int, tuple[str, str]], marks: dict[int, dict[str, Mark]]
) -> Iterator[Row]:
    for pk, case, *columns in results:
        key, unit = cases.get(case, (f"turn-{pk}", f"turn-{pk}"))  # type: ignore[call-overload]
        yield Row(pk, case, key, unit, *columns, marks.get(pk, {}))  # type: ignore[arg-type, call-arg, call-overload]


def _cases_of(run: Run) -> dict[int, tuple[str, str]]:
    """The id and the unit of each case."""
    found = CaseRevision.objects.filter(results__run=run).values_list("pk", "key", KT("content__cluster")).distinct()
    return {pk: (key, cluster or key) for pk, key, cluster in found}


def _marks_of(run: Run) -> dict[int, dict[str, Mark]]:
    marks: dict[int, dict[str, Mark]] = defaultdict(dict)
    columns = ("label", "points", "passed", "is_hard_failure", "is_demo")
    alone_or_on_baseline = Q(against=None) | Q(against__run=run.baseline_id) if run.baseline_id else Q(against=None)
    found = Grading.objects.filter(alone_or_on_baseline, result__run=run).by_machines().order_by("id")
    for result, grader, outcome, score, *rest in found.values_list("result_id", "grader", "outcome", "score", *columns):
        marks[result][grader] = Mark(Outcome(outcome), score, *rest)
    return marks
