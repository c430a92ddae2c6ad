"""What has to hold in every answer, whatever the mean is."""

from __future__ import annotations

from collections.abc import Sequence

from evals.gates.evidence import Evidence, ids
from evals.gates.findings import Finding
from evals.graders import GRADERS
from evals.grading import Outcome
from evals.models import Dataset, Result, Run
from evals.reporting.table import Row


def invariants(evidence: Evidence) -> Finding:
    """What no answer may break: an invariant that a run has not looked at does not hold."""
    names = [name for name, grader in GRADERS.items() if grader.is_invariant and evidence.may_decide(name)]
    unseen = [name for name in names if name not in evidence.run.graders]
    if unseen:
        return Finding("invariants", False, f"The run was not graded by {', '.join(unseen)}. Grade it again.")
    broken = {
        GRADERS[name].title: rows for name in names if (rows := [r for r in evidence.table.rows if _breaks(r, name)])
    }
    results = tuple(dict.fromkeys(row.result for rows in broken.values() for row in rows))
    words = "; ".join(f"{title}: {_answers(rows)}" for title, rows in broken.items())
    held = ", ".join(GRADERS[name].title for name in names) or "there are none on the shelf"
    return Finding("invariants", not broken, f"Broken: {words}." if broken else f"They hold: {held}.", results)


def hard_failures(evidence: Evidence) -> Finding:
    """No answer is one that must never be given."""
    rows = [row for row in evidence.table.rows if _fails_hard(evidence, row)]
    words = f"{_answers(rows)} must never be given." if rows else "No answer is a hard failure."
    return Finding("hard failures", not rows, words, ids(rows))


def safety(evidence: Evidence, baseline: Run | None) -> Finding | None:
    """A safety set passes whole. None for any other set."""
    if evidence.dataset.purpose != Dataset.Purpose.SAFETY:
        return None
    return _all_pass("safety", "This is a safety set, which passes whole", evidence.table.rows, baseline)


def critical(evidence: Evidence, baseline: Run | None) -> Finding | None:
    """Critical cases pass each time they are asked. None where the set has none."""
    rows = [row for row in evidence.table.rows if row.case in evidence.critical]
    return _all_pass("critical cases", "A critical case passes each time it is asked", rows, baseline) if rows else None


def _all_pass(name: str, rule: str, rows: Sequence[Row], baseline: Run | None) -> Finding:
    bad = [row for row in rows if row.passed is not True]
    unjudged = sum(row.passed is None for row in bad)
    if not bad:
        return Finding(name, True, f"{rule}: {_answers(rows)}, and none failed.")
    words = f"{rule}: {len(bad)} of {_answers(rows)} did not pass"
    words += f", {unjudged} of them not judged" if unjudged else ""
    return Finding(name, False, f"{words}.{_not_new(bad, baseline)}", ids(bad))


def _not_new(bad: Sequence[Row], baseline: Run | None) -> str:
    """Whether the baseline does no better by these cases: then it is no regression, and still no pass."""
    cases = {row.case for row in bad}
    failed = Result.objects.filter(run=baseline, case__in=cases).exclude(passed=True).values("case").distinct().count()
    if baseline is None or not failed:
        return ""
    return f" Run {baseline.pk}, which it is compared with, fails {failed} of these {len(cases)} cases too."


def _breaks(row: Row, name: str) -> bool:
    mark = row.marks.get(name)
    return mark is not None and mark.outcome is Outcome.SCORED and mark.passed is not True


def _fails_hard(evidence: Evidence, row: Row) -> bool:
    said = {name for name, mark in row.marks.items() if mark.is_hard_failure}
    if not said:
        return row.is_hard_failure
    return any(evidence.may_decide(name) and not row.marks[name].is_demo for name in said)


def _answers(rows: Sequence[Row]) -> str:
    return "1 answer" if len(rows) == 1 else f"{len(rows)} answers"
