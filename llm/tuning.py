"""Teaching a model at its server: files, fine-tuning jobs, their events. One request each; nothing is asked twice.

Who starts something first looks whether it is there already (`find_file`, `find_job`): an answer that was lost, or a
worker that was killed, must not make a second one. Nothing of a file is logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, Literal

from django.conf import settings

from llm import gateway
from llm.cleaning import clean
from llm.errors import Interrupted, NotThere, Timeout

Method = Literal["supervised", "dpo"]
A_PAGE = 100
MOST_PAGES = 10
OVER = {"succeeded", "failed", "cancelled"}
MARK = "frontdesk_job"  # the key of the metadata by which a job is found again


@dataclass(frozen=True)
class Job:
    """A job as its server tells it. `status` is the server's own word; `problem` why it failed, in its words."""

    id: str
    status: str
    model: str = ""
    tuned_model: str = ""
    training_file: str = ""
    mark: str = ""
    trained_tokens: int | None = None
    problem: str = ""

    @property
    def is_over(self) -> bool:
        return self.status in OVER


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job. `level`: info, warn or error."""

    id: str
    at: datetime
    level: str
    message: str


@dataclass(frozen=True)
class NewJob:
    """What a job is to do. `hyperparameters` as the server takes them: n_epochs, batch_size, beta, …; what is left out
    the server chooses. `mark` is what the job can be found again by.
    """

    model: str
    training_file: str
    mark: str
    validation_file: str = ""
    suffix: str = ""
    seed: int | None = None
    method: Method = "supervised"
    hyperparameters: Mapping[str, Any] | None = None


async def upload(content: bytes | IO[bytes], *, name: str) -> str:
    """The id that the server gives the file, within LLM_UPLOAD_SECONDS. Raises an `LLMError`."""
    given = {"file": (name, content, "application/jsonl"), "purpose": "fine-tune"}
    return _text(await _ask("upload", seconds=settings.LLM_UPLOAD_SECONDS, **given), "id", required=True)


async def find_file(name: str) -> str:
    """The id of the newest file of that name that is there to teach from; "" for none. Raises an `LLMError`."""
    async for file in _pages("files", purpose="fine-tune", order="desc"):
        if file.get("filename") == name:
            return _text(file, "id")
    return ""


async def delete_file(id: str) -> None:
    """A file that is gone already is no error. Raises an `LLMError`."""
    try:
        await _ask("delete", id)
    except NotThere:
        return


async def create_job(new: NewJob) -> Job:
    """Begins it. Raises an `LLMError`: `NotOffered` where the server teaches no models."""
    part = {"hyperparameters": dict(new.hyperparameters)} if new.hyperparameters else {}
    given: dict[str, Any] = {
        "model": new.model,
        "training_file": new.training_file,
        "method": {"type": new.method, new.method: part},
        "metadata": {MARK: new.mark},
    }
    given |= {"validation_file": new.validation_file} if new.validation_file else {}
    given |= {"suffix": new.suffix} if new.suffix else {}
    given |= {"seed": new.seed} if new.seed is not None else {}
    return _job(await _ask("create", **given))


async def find_job(mark: str, *, training_file: str) -> Job | None:
    """The job of this mark, or that learns from this file: a server may keep no marks. Raises an `LLMError`."""
    async for row in _pages("jobs", metadata={MARK: mark}):
        job = _job(row)
        if job.mark == mark or job.training_file == training_file:
            return job
    return None


async def job(id: str) -> Job:
    """As it stands now. Raises an `LLMError`: `NotThere` where the server does not know it (any more)."""
    return _job(await _ask("job", id))


async def events(id: str, *, known: Collection[str] = ()) -> list[JobEvent]:
    """What has happened that is not `known` by its id, oldest first; of very much the latest 1,000."""
    found = []
    async for row in _pages("events", id):  # the newest come first
        event = _event(row)
        if event.id in known:
            break
        found.append(event)
    return found[::-1]


async def cancel(id: str) -> Job:
    """Ends it. Raises an `LLMError`: a `BadRequest` where it is over already."""
    return _job(await _ask("cancel", id))


async def _pages(action: gateway.Teaching, *ids: str, **given: Any) -> Any:
    after: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        page = await _ask(action, *ids, limit=A_PAGE, **after, **given)
        rows = list(_rows(page))
        for row in rows:
            yield row
        if not rows or not page.get("has_more"):
            return
        after = {"after": _text(rows[-1], "id", required=True)}


async def _ask(action: gateway.Teaching, *ids: str, seconds: float | None = None, **given: Any) -> dict[str, Any]:
    try:
        async with asyncio.timeout(settings.LLM_TUNING_SECONDS if seconds is None else seconds):
            response = await gateway.teaching(action, *ids, **given)
    except TimeoutError:
        raise Timeout(f"no answer in time to {action}") from None
    if not isinstance(response, dict):
        raise Interrupted("the response is no object")
    return response


def _rows(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    data = page.get("data")
    if not isinstance(data, list):
        raise Interrupted("the response holds no list")
    return (row for row in data if isinstance(row, dict))


def _job(row: dict[str, Any]) -> Job:
    error, metadata, tokens = row.get("error"), row.get("metadata"), row.get("trained_tokens")
    return Job(
        _text(row, "id", required=True),
        _text(row, "status", required=True),
        _text(row, "model"),
        _text(row, "fine_tuned_model"),
        _text(row, "training_file"),
        _text(metadata, MARK) if isinstance(metadata, dict) else "",
        tokens if isinstance(tokens, int) and 0 <= tokens < 2**60 else None,
        _text(error, "message", longest=1_000) if isinstance(error, dict) else "",
    )


def _event(row: dict[str, Any]) -> JobEvent:
    at = row.get("created_at")
    seconds = at if isinstance(at, int | float) and 0 <= at < 2**33 else 0
    level, message = _text(row, "level") or "info", _text(row, "message", longest=1_000)
    return JobEvent(_text(row, "id", required=True), datetime.fromtimestamp(seconds, UTC), level, message)


def _text(row: Mapping[str, Any], key: str, *, required: bool = False, longest: int = 200) -> str:
    value = row.get(key)
    text = clean(value)[:longest] if isinstance(value, str) else ""
    if required and not text:
        raise Interrupted(f"the response names no {key}")
    return text
