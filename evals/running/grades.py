"""What graders still have to say in a run, and how their words are stored: none twice, none lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from evals.cases import Case
from evals.graders import GRADERS
from evals.grading import Grade, Grader, Outcome, passed
from evals.models import Grading, Result, Run
from evals.running.lease import Lease
from evals.running.marking import Marked, grading_of


@dataclass
class ToGrade:
    """An answer, the graders that have not said their word on it, and the baseline's answer for those that compare."""

    result: Result
    case: Case
    graders: Sequence[Grader]
    against: Result | None = None


def graders_of(run: Run) -> list[Grader]:
    """Those of the run that are still on the shelf."""
    return [GRADERS[name] for name in run.graders if name in GRADERS]


def case_of(result: Result) -> Case:
    """What is expected of the answer; of a real turn what is known: its question, language and history."""
    if result.case:
        return result.case.case
    kept = result.receipt.get("case") or {"id": f"turn-{result.pk}", "question": result.question or "?"}
    return Case.model_validate(kept, extra="ignore")


def ungraded(run: Run) -> list[ToGrade]:
    """All answers of the run that lack a grade, with the graders that lack. Four queries."""
    graders = graders_of(run)
    said = _said(run)
    baseline = _baseline_of(run) if any(grader.compares for grader in graders) else {}
    found = []
    for result in Result.objects.filter(run=run, error="").select_related("case").order_by("pk"):
        against = baseline.get((result.case_id, result.repetition))
        missing = [one for one in graders if _key(one, against) not in said[result.pk]]
        if missing:
            found.append(ToGrade(result, case_of(result), missing, against))
    return found


def to_grade(run: Run, result: Result, case: Case) -> ToGrade:
    """An answer that has just come, with all graders of the run."""
    graders = graders_of(run)
    against = None
    if run.baseline_id and any(grader.compares for grader in graders):
        same = Result.objects.filter(run=run.baseline_id, case=result.case_id, repetition=result.repetition, error="")
        against = same.first()
    return ToGrade(result, case, graders, against)


@transaction.atomic
def store(lease: Lease, of: ToGrade, marked: Iterable[Marked]) -> None:
    """Keep what graders say of one answer. Earlier words stay and are no longer current. Raises `LostLease`."""
    lease.confirm()
    rows = [grading_of(one, of.result, against=of.against if one.grader.compares else None) for one in marked]
    current = Grading.objects.filter(result=of.result).by_machines()
    for against in {row.against_id for row in rows}:
        names = [row.grader for row in rows if row.against_id == against]
        current.filter(grader__in=names, against=against).update(is_current=False)
    Grading.objects.bulk_create(rows)
    settle([of.result.pk])


def settle(results: Sequence[int]) -> None:
    """Say of answers whether they passed by the rules and whether one of their grades is a hard failure.

    What no rule of the shelf has graded keeps what it says: imported answers may bring it. A hard failure by the demo
    model is none.
    """
    kinds = {name: grader.kind for name, grader in GRADERS.items()}
    said: dict[int, list[Grading]] = defaultdict(list)
    for grading in Grading.objects.filter(result__in=results).by_machines().defer("evidence", "reason"):
        said[grading.result_id].append(grading)
    for pk, gradings in said.items():
        columns: dict[str, bool | None] = {
            "is_hard_failure": any(one.is_hard_failure and not one.is_demo for one in gradings)
        }
        if any(kinds.get(one.grader) == "rule" for one in gradings):
            columns["passed"] = passed({one.grader: _as_grade(one) for one in gradings}, kinds)
        Result.objects.filter(pk=pk).update(**columns)


def _said(run: Run) -> dict[int, set[tuple[str, int | None]]]:
    """Of each answer the words that count: by the graders' versions of today, and since people wanted new ones."""
    after = run.circumstances.get("again", {}).get("after", {})
    versions = {grader.name: grader.version for grader in graders_of(run)}
    said: dict[int, set[tuple[str, int | None]]] = defaultdict(set)
    gradings = Grading.objects.filter(result__run=run).by_machines()
    for pk, result, name, version, against in gradings.values_list("pk", "result", "grader", "version", "against"):
        is_as_of_today = version in {"", versions.get(name)}  # what was imported has none
        if is_as_of_today and pk > after.get(name, 0):
            said[result].add((name, against))
    return said


def _key(grader: Grader, against: Result | None) -> tuple[str, int | None]:
    return grader.name, against.pk if against and grader.compares else None


def _baseline_of(run: Run) -> dict[tuple[int | None, int], Result]:
    answers = Result.objects.filter(run=run.baseline_id, error="") if run.baseline_id else Result.objects.none()
    return {(result.case_id, result.repetition): result for result in answers}


def _as_grade(row: Grading) -> Grade:
    return Grade(Outcome(row.outcome), row.score, passed=row.passed)
