"""Background work of the evals, in a queue of its own: one line each. A message is only a hint: the rows say what
there is to do."""

from __future__ import annotations

import structlog
from asgiref.sync import async_to_sync
from celery import shared_task
from kombu.exceptions import OperationalError

from evals.comparing import duels
from evals.datasets import generating
from evals.distillation import advancing, building, ordering, questions
from evals.judging import probes
from evals.online.passing import pass_over_traffic
from evals.routing.judging import judge_pending
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
def write_questions(order_id: int) -> None:
    async_to_sync(questions.work)(order_id)


@shared_task
def resume_questions() -> None:
    for order_id in ordering.abandoned():
        enqueue_questions(order_id)


@shared_task
def build_training_set(set_id: int) -> None:
    building.build(set_id)


@shared_task
def resume_training_sets() -> None:
    for set_id in building.abandoned():
        enqueue_training_set(set_id)


@shared_task
def work_on_training_job(job_id: int) -> None:
    async_to_sync(advancing.advance)(job_id)


@shared_task
def ask_about_training_jobs() -> None:
    for job_id in advancing.waiting():
        enqueue_training_job(job_id)


@shared_task
def sample_traffic() -> None:
    async_to_sync(pass_over_traffic)()


@shared_task
def judge_routes() -> None:
    async_to_sync(judge_pending)()


def enqueue_cases(generation_id: int) -> None:
    """Ask a worker to write these cases. Without a broker the page says after a while that nobody did."""
    try:
        write_cases.apply_async((generation_id,), retry_policy={"max_retries": 1})
    except OperationalError:
        log.warning("broker_away", generation=generation_id)


def enqueue_training_set(set_id: int) -> None:
    """Ask a worker to build this set. Without a broker it waits for `resume_training_sets`."""
    try:
        build_training_set.apply_async((set_id,), retry_policy={"max_retries": 1})
    except OperationalError:
        log.warning("broker_away", training_set=set_id)


def enqueue_questions(order_id: int) -> None:
    """Ask a worker to go on with these questions. Without a broker they wait for `resume_questions`."""
    try:
        write_questions.apply_async((order_id,), retry_policy={"max_retries": 1})
    except OperationalError:
        log.warning("broker_away", questions=order_id)


def enqueue_training_job(job_id: int) -> None:
    """Ask a worker to go on with this job. Without a broker it waits for `ask_about_training_jobs`."""
    try:
        work_on_training_job.apply_async((job_id,), retry_policy={"max_retries": 1})
    except OperationalError:
        log.warning("broker_away", training_job=job_id)


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
