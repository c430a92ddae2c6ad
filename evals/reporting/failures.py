"""The answers of a run that somebody should look at, the worst first, and those around one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import Q

from evals.graders import GRADERS
from evals.grading import Outcome
from evals.models import Result
from evals.reporting.slices import Facets, facets_of, rows_in
from evals.reporting.table import Row, Table

OUTCOMES = {
    "failures": "Failures",
    "hard": "Hard failures",
    "unanswered": "No answer",
    "broken": "A grader broke",
    "abstained": "A grader abstained",
    "passed": "Passed",
    "all": "All",
}


MEASURES = {name for name, grader in GRADERS.items() if grader.kind == "measure"}


@dataclass(frozen=True)
class Wanted:
    """Which answers: by outcome, by one grader's word or all of them, of a slice, with some words in them."""

    outcome: str = "failures"
    grader: str = ""
    slice: str = ""
    words: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Wanted:
        """As an address asks for it; an outcome that does not exist is that of failures."""
        outcome = query.get("outcome", "")
        return cls(
            outcome if outcome in OUTCOMES else cls.outcome,
            query.get("grader", "")[:60],
            query.get("slice", "")[:400],
            query.get("q", "").replace("\x00", "").strip()[:200],
        )

    def but(self, **other: str) -> Wanted:
        """The same but for what is named."""
        return replace(self, **other)

    @property
    def query(self) -> dict[str, str]:
        """For an address; what is not narrowed is left out."""
        given = {"outcome": self.outcome, "grader": self.grader, "slice": self.slice, "q": self.words}
        return {name: value for name, value in given.items() if value and value != "failures"}


def wanted_rows(table: Table, wanted: Wanted, facets: Facets | None = None) -> list[Row]:
    """The rows that are wanted: hard failures, then no answer at all, then failed ones, each in the run's order."""
    rows: Iterable[Row] = table.rows
    if wanted.slice:
        rows = rows_in(table, facets or facets_of(table), wanted.slice)
    if wanted.words:
        holding = _holding(table, wanted.words)
        rows = (row for row in rows if row.result in holding)
    return sorted((row for row in rows if _is_wanted(row, wanted)), key=_severity)


def counts(table: Table, grader: str = "") -> dict[str, int]:
    """How many answers there are under each outcome, by one grader's word or by all of them."""
    found = Counter(outcome for row in table.rows for outcome in _lists_of(row, grader))
    return {outcome: found[outcome] for outcome in OUTCOMES}


def neighbours(rows: list[Row], result: int) -> tuple[int | None, int | None]:
    """The results before and after one in a list; the first one is after a result that is not in it."""
    ids = [row.result for row in rows]
    if result not in ids:
        return None, ids[0] if ids else None
    at = ids.index(result)
    return ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None


def is_failure(row: Row) -> bool:
    """No answer, a hard failure, or one that a rule or a judge did not let pass.

    Demo verdicts say nothing; and what was slow or dear is no failure, but a list of its own under its measure.
    """
    if row.error or row.is_hard_failure or row.passed is False:
        return True
    return any(mark.passed is False and not mark.is_demo and name not in MEASURES for name, mark in row.marks.items())


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    return wanted.outcome in _lists_of(row, wanted.grader)


def _lists_of(row: Row, grader: str) -> set[str]:
    """The outcomes under which an answer is listed: by one grader's word on it, or by all that is known of it."""
    if grader and grader not in row.marks:
        return {"unanswered"} if row.error else set()
    marks = (row.marks[grader],) if grader else tuple(row.marks.values())
    outcomes = {mark.outcome for mark in marks}
    is_bad = marks[0].passed is False if grader else is_failure(row)
    is_good = bool(marks[0].passed) if grader else not is_bad
    is_hard = any(mark.is_hard_failure for mark in marks) or (row.is_hard_failure and not grader)
    found = {
        "failures": is_bad,
        "hard": is_hard,
        "unanswered": bool(row.error),
        "broken": Outcome.FAILED in outcomes,
        "abstained": Outcome.ABSTAINED in outcomes,
        "passed": is_good,
        "all": True,
    }
    return {name for name, holds in found.items() if holds}


def _severity(row: Row) -> int:
    """0 for the worst."""
    if row.is_hard_failure:
        return 0
    return 1 if row.error else 2 if row.passed is False else 3


def _holding(table: Table, words: str) -> set[int]:
    """The results whose question, answer or case's id holds these words."""
    holds = Q(question__icontains=words) | Q(text__icontains=words) | Q(case__key__icontains=words)
    return set(Result.objects.filter(holds, run=table.run).values_list("id", flat=True))
