"""The account of a run for those who read it outside of the pages: every answer in a line with its reasons, and how
many passed by each grader and each kind of case.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from evals.grading import Outcome
from evals.models import CaseRevision, Grading, Result, Run
from evals.reporting.effort import Effort, effort_of
from evals.reporting.estimates import estimate, title_of
from evals.reporting.table import PASSED, Row, Table, load
from evals.statistics.intervals import Estimate
from llm.cleaning import clean

KINDS = {"language": "language", "audience": "audience", "expects": "expects", "severity": "severity"}
REASON_CHARACTERS = 300
State = Literal["passed", "failed", "broken", "silent"]


@dataclass(frozen=True)
class Tally:
    """How many passed of those that could be judged, and how many could not: what broke is never a failure."""

    passed: int
    judged: int
    broken: int

    @property
    def rate(self) -> float:
        """The share that passed, from 0 to 1; 0 when nothing could be judged."""
        return self.passed / self.judged if self.judged else 0.0


@dataclass(frozen=True)
class Line:
    """One answer: `broken` where there is none, or a rule broke; `silent` when no rule had anything to say."""

    case: str
    kinds: dict[str, str]
    repetition: int
    state: State
    is_hard_failure: bool
    error: str
    ms: int
    cost_microdollars: int | None
    reasons: tuple[str, ...]
    question: str
    text: str


@dataclass(frozen=True)
class Account:
    """Three queries beside the table's."""

    run: Run
    table: Table
    lines: tuple[Line, ...]

    @property
    def answered_by(self) -> str:
        """The label of the version, as the ledger has it, or what an imported run is called."""
        version = self.run.assistant_version
        return f"v{version.number} {self.run.assistant_hash[:8]}" if version else self.run.label

    @property
    def set_name(self) -> str:
        return str(self.run.dataset_version or "real turns")

    @property
    def metric(self) -> str:
        return self.run.dataset_version.dataset.primary_metric if self.run.dataset_version else PASSED

    @property
    def title(self) -> str:
        return title_of(self.metric)

    @cached_property
    def headline(self) -> Estimate | None:
        """The primary metric with its 95 % interval."""
        return estimate(self.table.rows, self.metric)

    @cached_property
    def tally(self) -> Tally:
        return _tally(self.lines)

    @cached_property
    def effort(self) -> Effort:
        return effort_of(self.table.rows)

    @cached_property
    def by_grader(self) -> dict[str, Tally]:
        marks = defaultdict(list)
        for row in self.table.rows:
            for name, mark in row.marks.items():
                marks[name].append(mark)
        return {
            name: Tally(
                sum(mark.passed is True for mark in marks[name]),
                sum(mark.passed is not None for mark in marks[name]),
                sum(mark.outcome is Outcome.FAILED for mark in marks[name]),
            )
            for name in self.table.graders
        }

    @cached_property
    def by_kind(self) -> dict[str, dict[str, Tally]]:
        """language, audience, expects and severity → value → tally."""
        return {kind: _by(self.lines, lambda line, kind=kind: line.kinds[kind]) for kind in KINDS}  # type: ignore[misc]

    @property
    def hard_failures(self) -> int:
        return sum(line.is_hard_failure for line in self.lines)


def account_of(run: Run) -> Account:
    table = load(run)
    cases = {row.pk: row.case for row in CaseRevision.objects.filter(results__run=run).distinct()}
    texts = {pk: texts for pk, *texts in Result.objects.filter(run=run).values_list("pk", "question", "text")}
    reasons = _reasons(run)
    lines = []
    for row in sorted(table.rows, key=lambda row: (row.key, row.repetition)):
        case = cases.get(row.case or 0)
        kinds = {kind: str(getattr(case, name)) if case else "" for kind, name in KINDS.items()}
        lines.append(_line(row, kinds, reasons.get(row.result, []), *texts[row.result]))
    return Account(run, table, tuple(lines))


def one_line(text: str) -> str:
    """What a grader or a model wrote, for one line of a terminal, a table or a file: no controls, no line ends."""
    return re.sub(r"\s+", " ", clean(text)).strip()


def _line(row: Row, kinds: dict[str, str], reasons: list[str], question: str, text: str) -> Line:
    said = tuple([f"no answer: {row.error}"] if row.error else reasons)
    hard, spent = row.is_hard_failure, row.cost_microdollars
    return Line(row.key, kinds, row.repetition, _state(row), hard, row.error, row.ms, spent, said, question, text)


def _state(row: Row) -> State:
    if row.passed is not None and not row.error:
        return "passed" if row.passed else "failed"
    has_broken = any(mark.outcome is Outcome.FAILED for mark in row.marks.values())
    return "broken" if row.error or has_broken else "silent"


def _reasons(run: Run) -> dict[int, list[str]]:
    """What each grader that is not content says, and what broke it."""
    said: dict[int, list[str]] = defaultdict(list)
    gradings = Grading.objects.filter(result__run=run).by_machines().order_by("id")
    for result, grader, outcome, passed, label, reason in gradings.values_list(
        "result_id", "grader", "outcome", "passed", "label", "reason"
    ):
        if outcome == Outcome.FAILED or passed is False:
            said[result].append(f"{grader}: {one_line(reason or label)[:REASON_CHARACTERS]}")
    return said


def _tally(lines: Iterable[Line]) -> Tally:
    states = [line.state for line in lines]
    passed, failed = states.count("passed"), states.count("failed")
    return Tally(passed, passed + failed, states.count("broken"))


def _by(lines: Iterable[Line], key: Callable[[Line], str]) -> dict[str, Tally]:
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups[key(line)].append(line)
    return {name: _tally(groups[name]) for name in groups}
