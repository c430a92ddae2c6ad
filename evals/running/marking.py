"""Has answers graded. A grader that breaks is a grade that says so, never a zero."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

import structlog

import llm
from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, Grader
from evals.models import Grading, Result
from evals.running.asking import spent_on
from llm.cleaning import clean, clean_json
from llm.database import in_database

log = structlog.get_logger()


@dataclass(frozen=True)
class Marked:
    """A grade with what it took: milliseconds, and microdollars where a judge was asked and its price is known."""

    grader: Grader
    grade: Grade
    ms: int
    cost_microdollars: int | None = None


async def mark(
    grader: Grader, case: Case, answer: Answer, *, baseline: Answer | None = None, label: str = ""
) -> Marked:
    """The grader's word; if it breaks, a failed grade that says why. `label` names the assistant in the ledger."""
    turn, began = uuid.uuid4(), time.monotonic()
    with llm.on_behalf_of(label, turn=turn):
        try:
            grade = await grader(case, answer, baseline)
        except Exception as error:
            log.exception("a grader broke", grader=grader.name, case=case.id)
            grade = Grade.failed(f"{type(error).__name__}: {error}"[:400])
    ms = round((time.monotonic() - began) * 1000)
    dollars = (await in_database(spent_on, [turn]))["dollars"] if grader.kind == "judge" else None
    return Marked(grader, grade, ms, None if dollars is None else round(dollars * 1_000_000))


def grading_of(marked: Marked, result: Result, *, against: Result | None = None) -> Grading:
    """The row that keeps it, not stored yet."""
    grader, grade = marked.grader, marked.grade
    return Grading(
        result=result,
        against=against,
        grader=grader.name,
        version=grader.version,
        model=grader.model[:200],
        outcome=grade.outcome.value,
        label=grade.label[:40],
        points=grade.points,
        score=grade.score,
        passed=grade.passed,
        is_hard_failure=grade.is_hard_failure,
        is_demo=grader.is_demo,
        reason=clean(grade.reason),
        evidence=clean_json(list(grade.evidence)),
        ms=marked.ms,
        cost_microdollars=marked.cost_microdollars,
    )
