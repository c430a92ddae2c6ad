"""Works at a job of teaching: uploads the set, begins the job at the server, and asks how it stands until it is over.

Each step is noted before the next one. A worker that was killed between the two leaves the next one to look at the
server for what it may have begun: the files and the job carry a mark, so that none of them is there twice.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from evals.distillation.files import lines_of
from evals.distillation.holding import Hold, LostHold, take
from evals.distillation.jobs import abandoned
from evals.models import TrainingExample, TrainingJob, TrainingSet, TunedModel
from llm import tuning
from llm.cleaning import clean
from llm.database import in_database
from llm.errors import BadRequest, LLMError, NotOffered, NotThere, ProviderAuth

log = structlog.get_logger()

KEPT_EVENTS = 500
IN_MEMORY = 4 * 1024 * 1024  # bytes of a file that is uploaded; a longer one lies on the disk meanwhile
ELSEWHERE = "The set can be exported and the model taught elsewhere: see docs/distillation.md."
State = TrainingJob.State
FILES = {TrainingExample.Part.TRAIN: "train_file", TrainingExample.Part.VALIDATION: "validation_file"}


async def advance(job_id: int) -> None:
    """Take the job as far as it goes now. Does nothing when it is over, or another worker is at it."""
    hold = await in_database(take, job_id)
    if hold is None:
        return
    working, beating = asyncio.create_task(_work(hold)), asyncio.create_task(hold.beat())
    try:
        done, _ = await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except LostHold:
        log.warning("training_job_lost", job=job_id)
    finally:
        for task in (working, beating):
            task.cancel()
        await asyncio.wait({working, beating})


def waiting() -> list[int]:
    """Open jobs that a worker is to ask about now."""
    return abandoned(timezone.now() - timedelta(seconds=settings.EVALS_LEASE_SECONDS))


def mark_of(job: TrainingJob) -> str:
    """By which its files and itself are found at the server; no other installation makes the same."""
    return salted_hmac("evals.training_job", f"{job.pk} {job.created_at.isoformat()}").hexdigest()[:32]


async def _work(hold: Hold) -> None:
    try:
        if not hold.job.job:
            await _begin(hold)
        told = await _ask(hold) if hold.job.job else None
        if told is None or told.is_over:
            await _clear_away(hold)
            await in_database(_end, hold, told)
        else:
            await in_database(hold.release, problem="")
    except LLMError as error:
        await _failed(hold, error)
    except (LostHold, OperationalError):  # the next worker goes on
        raise
    except Exception as error:
        problem = f"It broke off: {type(error).__name__}. The log says more."
        await in_database(hold.release, state=State.FAILED, problem=problem, ended_at=timezone.now())
        raise


async def _begin(hold: Hold) -> None:
    """Upload what is not there, then find the job or make it; one that was called off is only looked for."""
    job = hold.job
    await in_database(hold.keep, state=State.UPLOADING)
    if not job.is_cancel_wanted:
        for part in FILES:
            await _upload(hold, part)
    if not job.train_file:
        return
    found = await tuning.find_job(mark_of(job), training_file=job.train_file) if hold.was_tried else None
    if found is None and not await in_database(_is_called_off, job):
        found = await tuning.create_job(_new(job))
    if found:
        await in_database(hold.keep, job=found.id, status=found.status[:40], state=State.RUNNING)


async def _upload(hold: Hold, part: TrainingExample.Part) -> None:
    column, name = FILES[part], f"frontdesk-{mark_of(hold.job)}-{part}.jsonl"
    if getattr(hold.job, column):
        return
    with SpooledTemporaryFile(IN_MEMORY) as file:
        if not await in_database(_write, hold.job.training_set, part, file):
            return
        there = await tuning.find_file(name) if hold.was_tried else ""
        id = there or await tuning.upload(file, name=name)
    await in_database(hold.keep, **{column: id})


def _write(training_set: TrainingSet, part: str, file: Any) -> int:
    """The lines of a part, and how many bytes they are."""
    for line in lines_of(training_set, part):
        file.write(line)
    size: int = file.tell()
    file.seek(0)
    return size


def _new(job: TrainingJob) -> tuning.NewJob:
    return tuning.NewJob(
        model=job.base,
        training_file=job.train_file,
        validation_file=job.validation_file,
        suffix=job.suffix,
        seed=job.training_set.options.get("seed"),
        method="dpo" if job.method == "dpo" else "supervised",
        hyperparameters=job.hyperparameters,
        mark=mark_of(job),
    )


async def _ask(hold: Hold) -> tuning.Job:
    """How it stands at its server, told to stop where somebody wants that."""
    job = hold.job
    if await in_database(_is_called_off, job):
        try:
            await tuning.cancel(job.job)
        except NotThere:
            raise
        except BadRequest:  # it is over already
            log.info("training_job_over_before_it_was_cancelled", job=job.pk)
    told = await tuning.job(job.job)
    events = [*job.events, *await _news(job)][-KEPT_EVENTS:]
    await in_database(hold.keep, status=told.status[:40], trained_tokens=told.trained_tokens, events=events)
    return told


async def _news(job: TrainingJob) -> list[dict[str, str]]:
    """What has happened since it was asked last; nothing where the server does not tell."""
    try:
        told = await tuning.events(job.job, known={event["id"] for event in job.events})
    except NotOffered:
        return []
    return [
        {"id": one.id, "at": one.at.isoformat(), "level": one.level[:10], "message": one.message[:400]} for one in told
    ]


async def _clear_away(hold: Hold) -> None:
    """What was learned from need not lie there any longer. A server that does not delete keeps nothing from ending."""
    for column in FILES.values():
        if id := getattr(hold.job, column):
            try:
                await tuning.delete_file(id)
            except LLMError as error:
                log.warning("training_file_not_deleted", job=hold.job.pk, error=error.code)


@transaction.atomic
def _end(hold: Hold, told: tuning.Job | None) -> None:
    """Its last state; with the model that it made, where it made one."""
    columns: dict[str, Any] = {"ended_at": timezone.now(), "problem": ""}
    if told is None or told.status == "cancelled":
        hold.release(state=State.CANCELLED, **columns)
    elif told.status == "succeeded" and told.tuned_model:
        hold.release(state=State.SUCCEEDED, tuned=_made(hold.job, told.tuned_model), **columns)
    else:
        why = clean(told.problem) or "The server says no more."
        columns["problem"] = f"The server ended it as {told.status}: {why}"[:400]
        hold.release(state=State.FAILED, **columns)


def _made(job: TrainingJob, name: str) -> TunedModel:
    """The model under its server's name, ready to be tried."""
    is_judge = job.training_set.kind == TrainingSet.Kind.JUDGE
    tuned, _ = TunedModel.objects.get_or_create(
        name=name,
        defaults={
            "role": TunedModel.Role.JUDGE if is_judge else TunedModel.Role.SMALL,
            "grader": job.training_set.grader if is_judge else "",
            "base": job.base,
            "training_set": job.training_set,
            "created_by_id": job.created_by_id,
        },
    )
    return tuned


def _is_called_off(job: TrainingJob) -> bool:
    """As it is by now."""
    return TrainingJob.objects.filter(pk=job.pk, is_cancel_wanted=True).exists()


async def _failed(hold: Hold, error: LLMError) -> None:
    """A server that is away is asked again later, and so is one that has the job; what it refuses to begin, fails."""
    log.warning("training_job_trouble", job=hold.job.pk, error=error.code)
    is_gone = isinstance(error, NotThere) and bool(hold.job.job)
    if is_gone or not (error.retryable or hold.job.job):
        ended = {"state": State.FAILED, "ended_at": timezone.now()}
        await in_database(hold.release, problem=_words(error, hold.job)[:400], **ended)
    else:
        await in_database(hold.release, problem=_words(error, hold.job)[:400])


def _words(error: LLMError, job: TrainingJob) -> str:
    if isinstance(error, NotOffered):
        return f"The model's server teaches no models. {ELSEWHERE}"
    if isinstance(error, ProviderAuth):
        return f"The model's server does not let our key teach models. Correct OPENAI_API_KEY. {ELSEWHERE}"
    if isinstance(error, NotThere) and job.job:
        return "The model's server does not know the job any more."
    if isinstance(error, BadRequest):
        if "model_not_" in str(error):
            return f"The model's server does not teach {job.base}. Begin a job with another base."
        return f"The model's server does not take this job ({error})."
    return f"The model's server did not answer ({error.code}). It is asked again."
