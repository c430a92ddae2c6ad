"""Answers in a list: each with the words of its graders that one should read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from evals.models import Grading, Result, Run
from evals.reporting.estimates import title_of
from evals.reporting.failures import Wanted
from evals.reporting.table import Row
from knowledge.access import Viewer


@dataclass(frozen=True)
class ShownMark:
    """A grader's word on an answer."""

    title: str
    grading: Grading

    @property
    def is_bad(self) -> bool:
        return self.grading.passed is False or self.grading.outcome == Grading.Outcome.FAILED


@dataclass(frozen=True)
class Listed:
    result: Result
    marks: tuple[ShownMark, ...]


def listed(rows: Sequence[Row], run: Run, viewer: Viewer, wanted: Wanted) -> list[Listed]:
    """The answers of one page, in its order. Two queries."""
    found = Result.objects.visible_to(viewer).without_answers().filter(run=run).select_related("case")
    results = found.in_bulk([row.result for row in rows])
    said: dict[int, list[ShownMark]] = defaultdict(list)
    gradings = Grading.objects.visible_to(viewer).by_machines().filter(result__in=results, against=None)
    for grading in gradings.defer("evidence").order_by("grader"):
        mark = ShownMark(title_of(grading.grader), grading)
        if (mark.is_bad and not grading.is_demo) or _is_asked_for(grading, wanted):
            said[grading.result_id].append(mark)
    return [Listed(results[row.result], tuple(said[row.result])) for row in rows if row.result in results]


def _is_asked_for(grading: Grading, wanted: Wanted) -> bool:
    """Whether the list is narrowed to this word, be it good or bad."""
    asked = {"abstained": Grading.Outcome.ABSTAINED, "broken": Grading.Outcome.FAILED}.get(wanted.outcome)
    return grading.outcome == asked or grading.grader == wanted.grader
