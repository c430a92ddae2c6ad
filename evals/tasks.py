"""Background work of the evals, in a queue of its own: one line each. A message is only a hint: the rows say what
there is to do."""

from __future__ import annotations

import structlog
from asgiref.sync import async_to_sync
from celery import shared_task
from kombu.exceptions import OperationalError

from evals.comparing import duels
from evals.datasets import generating
from evals.judging import probes
from evals.online.passing import pass_over_traffic
from evals.running import lease
from evals.running.work import work

log = structlog.get_logger()


@shared_task
def work_on_run(run_id: int) -> None:
    if async_to_sync(work)(run_id):
        enqueue(run_id)


@shared_task
def judge_pairs(before_id: int, after_id: int) -> None:
    if async_to_sync(duels.judge_some)(before_id, after_id):
        judge_pairs.delay(before_id, after_id)


@shared_task
def resume_runs() -> None:
    for run_id in lease.abandoned():
        enqueue(run_id)


@shared_task
def work_on_probe(probe_id: int) -> None:
    async_to_sync(probes.run_probe)(probe_id)


@shared_task
def resume_probes() -> None:
    for probe_id in probes.abandoned():
        enqueue_probe(probe_id)


@shared_task
def write_cases(generation_id: int) -> None:
    generating.generate(generation_id)


@shared_task
def sample_traffic() -> None:
    async_to_sync(pass_over_traffic)()


def enqueue_cases(generation_id: int) -> None:
    """Ask a worker to write these cases. Without a broker the page says after a while that nobody did."""
    try:
        write_cases.apply_async((generation_id,), retry_policy={"max_retries": 1})
    except OperationalError:
        log.warning("broker_away", generation=generation_id)


def enqueue_probe(probe_id: int) -> None:
    """Ask a worker to go on with this probe. Without a broker it waits for `resume_probes`."""
    try:
        work_on_probe.apply_async((probe_id,), retry_policy={"max_retries": 1})
    except OperationalError:
        log.warning("broker_away", probe=probe_id)


def enqueue(run_id: int) -> None:
    """Ask a worker to go on with this run. Without a broker it waits for `resume_runs`."""
    try:
        work_on_run.apply_async((run_id,), retry_policy={"max_retries": 1})
    except OperationalError as error:
        log.warning("broker_away", run=run_id, error=str(error))
