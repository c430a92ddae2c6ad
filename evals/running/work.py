"""Works at a run: asks what was not asked, has graded what was not graded, stores each answer as soon as it is whole.

All that a worker knows is in the database, so that any other one can go on where it was killed. What was in flight then
is done again, and nothing else: at most EVALS_CONCURRENCY answers or judgements.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models.functions import Now

from evals.models import Result, Run
from evals.running.lease import Lease, LostLease, take
from evals.running.runs import Refused, State, version_of_run
from evals.running.shift import Shift, keep
from evals.running.spending import Purse, spent_by
from evals.running.todo import todo_of
from llm.database import in_database

log = structlog.get_logger()


async def work(
    run_id: int, *, seconds: float | None = None, on_result: Callable[[Result], object] | None = None
) -> bool:
    """Work at a run for so long (EVALS_SLICE_SECONDS); True when there is more to do. Does nothing, and says False,
    when another worker has it or nothing is to be done. `on_result` hears of each answer when it is graded.

    A cancelled one lets what is in flight end, leaves the run paused, and raises.
    """
    lease = await in_database(take, run_id)
    if lease is None:
        return False
    try:
        shift = await in_database(_begin, lease, on_result)
        await _work(lease, shift, settings.EVALS_SLICE_SECONDS if seconds is None else seconds)
        return await in_database(_end, lease, shift)
    except LostLease:
        log.warning("evals_lost_its_lease", run=run_id)
        return False
    except Refused as refusal:
        await in_database(lease.release, state=State.FAILED, problem=str(refusal)[:400], ended_at=Now())
        return False
    except OperationalError:  # the database is away: the lease runs out, and another worker goes on
        raise
    except Exception as error:
        problem = f"It broke off: {type(error).__name__}. The log says more."
        await in_database(lease.release, state=State.FAILED, problem=problem, ended_at=Now())
        raise


async def _work(lease: Lease, shift: Shift, seconds: float) -> None:
    try:
        await shift.work(seconds)
    except asyncio.CancelledError:
        await in_database(_end, lease, shift)
        raise


def _begin(lease: Lease, on_result: Callable[[Result], object] | None) -> Shift:
    run = Run.objects.select_related("assistant_version", "dataset_version").get(pk=lease.run_id)
    todo = todo_of(run)
    version = version_of_run(run) if todo.questions else None
    guess = (run.estimate_microdollars or 0) / max(1, run.expected)
    purse = Purse(run.budget_microdollars, spent_by(run), guess=guess)
    return Shift(lease, run, version, todo, purse, on_result)


def _end(lease: Lease, shift: Shift) -> bool:
    """Give the run back in the state that it is in now; True when somebody is to go on with it at once."""
    _keep_what_failed(lease, shift)
    with transaction.atomic():
        run = lease.hold()
        columns = _ending(run, shift, is_done=not todo_of(run))
        lease.release(**columns)
    return bool(columns.get("state", run.state) == State.WAITING)


def _keep_what_failed(lease: Lease, shift: Shift) -> None:
    """Failures that waited for a further answer are stored when nothing is left to ask."""
    if not shift.queue and not shift.is_closing:
        is_any_answered = Result.objects.filter(run=shift.run, error="").exists()
        if held := shift.failing.at_the_end(is_any_answered=is_any_answered):
            keep(lease, held)


def _ending(run: Run, shift: Shift, *, is_done: bool) -> dict[str, Any]:
    """The columns that change. What people have wanted meanwhile, a pause or a stop, stands."""
    if run.state == State.STOPPED or (run.state == State.PAUSED and not is_done):
        return {}
    if is_done:
        then = run.circumstances.pop("again", {}).get("then")
        return {"state": then or State.DONE, "problem": "", "circumstances": run.circumstances, "ended_at": Now()}
    if shift.failing.problem:
        return {"state": State.PAUSED, "problem": shift.failing.problem}
    if shift.is_over_budget:
        return {"state": State.OVER_BUDGET, "problem": _over_budget(shift.purse)}
    if shift.is_interrupted:
        return {"state": State.PAUSED, "problem": "It was interrupted at the terminal."}
    return {"state": State.WAITING}


def _over_budget(purse: Purse) -> str:
    budget, spent, each = ((one or 0) / 1_000_000 for one in (purse.budget, purse.spent, purse.expected))
    return (
        f"The budget of ${budget:.2f} does not allow one more answer of about ${each:.4f}: ${spent:.4f} is spent. "
        "Raise it to go on."
    )
