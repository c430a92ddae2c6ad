"""What people do with a run: pause, resume, stop, ask again what failed, grade again. Workers see it within seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from evals.graders import GRADERS
from evals.models import Grading, Result, Run
from evals.models.runs import RunQuerySet
from evals.running.runs import Refused, State, versions_of
from evals.running.spending import spent_by

RESUMABLE = (State.PAUSED, State.OVER_BUDGET, State.FAILED)


def pause(run: Run) -> bool:
    """Begin no further answer; those in flight end and are kept. False when it is not under way."""
    return _change(run, Run.objects.open(), state=State.PAUSED, problem="")


def stop(run: Run) -> bool:
    """End it with what it has. It cannot be resumed. False when it has ended already."""
    not_over = Run.objects.exclude(state__in=[State.DONE, State.STOPPED])
    return _change(run, not_over, state=State.STOPPED, problem="", ended_at=Now())


def resume(run: Run, *, budget_microdollars: int | None = None) -> bool:
    """Let a worker go on where it was, with another budget if one is given. False when it does not wait for that.

    Raises `Refused` for a budget that is spent already.
    """
    more: dict[str, Any] = {}
    if budget_microdollars is not None:
        more["budget_microdollars"] = _more_than_spent(run, budget_microdollars)
    return _change(run, Run.objects.filter(state__in=RESUMABLE), state=State.WAITING, problem="", **more)


@transaction.atomic
def retry(run: Run) -> int:
    """Have the cases asked again that got no answer. How many they are. What their attempts took is counted on."""
    row = _locked(run)
    failed = Result.objects.filter(run=row).exclude(error="")
    count = failed.count()
    if not count or row.state == State.STOPPED or row.assistant_version_id is None:
        return 0
    failed.delete()
    if again := row.circumstances.get("again"):
        again.pop("then", None)
        row.save(update_fields=["circumstances"])
    _reopen(row)
    return count


@transaction.atomic
def grade_again(run: Run, graders: Sequence[str] | None = None) -> bool:
    """Have all answers graded by today's graders, without asking again: by these, or by those of the run.

    A grader that the run did not have becomes one of its own. What was said before is kept, and current until there is
    a new word. False when there is no answer to grade. Raises `Refused`. The caller enqueues the run.
    """
    row = _locked(run)
    names = [name for name in (graders or row.graders) if name in GRADERS]
    if not names:
        raise Refused("None of these graders is on the shelf (any more): choose others.")
    if not Result.objects.filter(run=row, error="").exists():
        return False
    last = Grading.objects.filter(result__run=row).aggregate(last=Max("pk"))["last"] or 0
    before = row.circumstances.get("again", {})
    again: dict[str, Any] = {**before, "after": before.get("after", {}) | dict.fromkeys(names, last)}
    if not row.is_open:
        again.setdefault("then", row.state)
    row.graders |= versions_of(names)
    row.circumstances |= {"again": again}
    row.save(update_fields=["graders", "circumstances"])
    _reopen(row)
    return True


def _reopen(row: Run) -> None:
    """A run that had ended waits for a worker again; one that a worker has is looked at once more at its end."""
    if row.state != State.RUNNING:
        Run.objects.filter(pk=row.pk).update(state=State.WAITING, problem="", ended_at=None)


def _locked(run: Run) -> Run:
    return Run.objects.select_for_update(no_key=True).get(pk=run.pk)


def _change(run: Run, allowed: RunQuerySet, **columns: Any) -> bool:
    return bool(allowed.filter(pk=run.pk).exclude(trigger=Run.Trigger.ONLINE).update(**columns))


def _more_than_spent(run: Run, budget: int) -> int:
    if budget <= (spent := spent_by(run).microdollars):
        raise Refused(f"The run has spent ${spent / 1_000_000:.2f} already: give it a larger budget than that.")
    return budget
