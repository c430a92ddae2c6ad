"""The endpoints of fine-tuning jobs: create, list, show, their events, cancel."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from llm.standin import body, demo, faults, tuned_names
from llm.standin.errors import ApiError
from llm.standin.files import page
from llm.standin.requests import Short, Strict
from llm.standin.training_lines import Lesson, read
from llm.standin.tuning_job import FAILS, STAYS, TuningJob

LOST = "fault-tuning-lost"  # the job is made, and the answer that says so is lost
OPEN_ENDED = (STAYS, FAILS, LOST)
KEPT = 300
Key = Annotated[str, StringConstraints(max_length=64)]
Auto = Literal["auto"]


class Hyperparameters(Strict):
    """How a model is taught; what is left out is `auto`."""

    batch_size: Auto | Annotated[int, Field(ge=1, le=256)] | None = None
    learning_rate_multiplier: Auto | Annotated[float, Field(gt=0, le=10)] | None = None
    n_epochs: Auto | Annotated[int, Field(ge=1, le=50)] | None = None


class PreferenceHyperparameters(Hyperparameters):
    beta: Auto | Annotated[float, Field(gt=0, le=2)] | None = None


class Supervised(Strict):
    hyperparameters: Hyperparameters = Hyperparameters()


class Dpo(Strict):
    hyperparameters: PreferenceHyperparameters = PreferenceHyperparameters()


class Method(Strict):
    """The way of teaching, with the part of that name."""

    type: Literal["supervised", "dpo"]
    supervised: Supervised | None = None
    dpo: Dpo | None = None


class NewJob(Strict):
    """POST /v1/fine_tuning/jobs."""

    model: str
    training_file: str
    validation_file: str | None = None
    suffix: Annotated[str, StringConstraints(max_length=64)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    method: Method = Method(type="supervised")
    hyperparameters: Hyperparameters | None = None
    metadata: Annotated[dict[Key, Short], Field(max_length=16)] | None = None
    integrations: None = None

    @property
    def settings(self) -> dict[str, Any]:
        """Its hyperparameters, wherever they stood."""
        part = self.method.dpo if self.method.type == "dpo" else self.method.supervised
        chosen = part.hyperparameters if part else self.hyperparameters
        return chosen.model_dump(exclude_none=True) if chosen else {}


class Jobs:
    """All jobs, the oldest forgotten. `seconds` is what one takes."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._jobs: OrderedDict[str, TuningJob] = OrderedDict()

    def add(self, job: TuningJob) -> TuningJob:
        self._jobs[job.id] = job
        if len(self._jobs) > KEPT:
            self._jobs.popitem(last=False)
        return job

    def get(self, id: str) -> TuningJob:
        """The job of that id, or the API's 404."""
        if id not in self._jobs:
            message = f"Could not find fine tune: {id[:100]}"
            raise ApiError(message, status=404, code="fine_tune_not_found", param="fine_tune_id")
        return self._jobs[id]

    def newest_first(self) -> list[TuningJob]:
        return list(reversed(self._jobs.values()))


async def create_job(request: Request) -> Response:
    """A new job. A file that cannot be read makes it fail a moment later, as at the provider."""
    asked = await body.read(request, NewJob)
    with request.app.state.calls.begin("fine_tuning", asked.model) as call:
        if asked.model.startswith(faults.PREFIX) and asked.model not in OPEN_ENDED:
            if silence := faults.refuse(asked.model, call):
                return silence  # type: ignore[return-value]  # an ASGI response that never comes
        elif asked.model not in (*demo.MODELS, *OPEN_ENDED) and tuned_names.base_of(asked.model) is None:
            message = f"Model {asked.model[:200]} is not available for fine-tuning or does not exist."
            raise ApiError(message, code="model_not_available", param="model")
        job = request.app.state.jobs.add(_made(request, asked))
        if asked.model == LOST:
            raise ApiError("The answer was lost on its way.", status=500, kind="server_error")
        return JSONResponse(job.describe(job.created_at) | {"status": "validating_files", "fine_tuned_model": None})


async def list_jobs(request: Request) -> Response:
    """All jobs, newest first; with `metadata[k]=v` those that carry it."""
    body.require_key(request)
    wanted = {
        name.removeprefix("metadata[").removesuffix("]"): value
        for name, value in request.query_params.items()
        if name.startswith("metadata[")
    }
    found = [job for job in request.app.state.jobs.newest_first() if wanted.items() <= (job.metadata or {}).items()]
    return JSONResponse(page([job.describe() for job in found], request, most=100))


async def show_job(request: Request) -> Response:
    """One job, as it stands now."""
    body.require_key(request)
    return JSONResponse(request.app.state.jobs.get(request.path_params["id"]).describe())


async def list_events(request: Request) -> Response:
    """What happened to a job, newest first."""
    body.require_key(request)
    job = request.app.state.jobs.get(request.path_params["id"])
    return JSONResponse(page(job.events(), request, most=100))


async def cancel_job(request: Request) -> Response:
    """Ends a job that is not over."""
    body.require_key(request)
    job = request.app.state.jobs.get(request.path_params["id"])
    status = job.status(time.time())
    if status in {"succeeded", "failed", "cancelled"}:
        message = f"Job has already completed: {job.id} is {status}."
        raise ApiError(message, code="invalid_request", param="fine_tune_id")
    job.cancelled_at = time.time()
    return JSONResponse(job.describe())


def _made(request: Request, asked: NewJob) -> TuningJob:
    lesson = _lesson(request, asked, "training_file")
    held_out = _lesson(request, asked, "validation_file") if asked.validation_file else Lesson()
    return TuningJob(
        model=asked.model,
        method=asked.method.type,
        hyperparameters=asked.settings,
        suffix=asked.suffix or "",
        seed=asked.seed if asked.seed is not None else 42,
        metadata=asked.metadata,
        training_file=asked.training_file,
        validation_file=asked.validation_file,
        lesson=lesson,
        error=lesson.error or held_out.error,
        seconds=request.app.state.jobs.seconds,
    )


def _lesson(request: Request, asked: NewJob, param: str) -> Lesson:
    file = request.app.state.files.find(getattr(asked, param))
    if file is None or file.purpose != "fine-tune":
        raise ApiError(f"invalid {param}: {str(getattr(asked, param))[:100]}", param=param)
    return read(file.content, asked.method.type, param=param)
