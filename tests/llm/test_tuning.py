"""Files and jobs that teach a model: what is asked, what is made of the answers, and refusals in our words."""

from __future__ import annotations

import io
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from llm import tuning
from llm.errors import (
    BadRequest,
    Interrupted,
    LLMError,
    NotOffered,
    NotThere,
    ProviderAuth,
    ProviderBusy,
    ProviderDown,
    Timeout,
)
from llm.tuning import NewJob
from tests.llm.conftest import SILENCE, Serve, response

LINE = {"messages": [{"role": "user", "content": "My secret?"}, {"role": "assistant", "content": "None. [1]"}]}
LINES = b"\n".join([json.dumps(LINE).encode()] * 12)


def says(*rows: Any, has_more: bool = False, **more: Any) -> bytes:
    """A page of a list."""
    body = json.dumps({"object": "list", "data": rows, "has_more": has_more, **more})
    return response("200 OK", "content-type: application/json", body=body.encode())


def refuses(status: str, **error: Any) -> bytes:
    return response(status, "content-type: application/json", body=json.dumps({"error": error}).encode())


def event(n: int) -> dict[str, Any]:
    return {"id": f"e{n}", "created_at": 1_700_000_000 + n, "level": "info", "message": f"Step {n}\x00"}


async def test_a_job_from_its_file_to_its_model(caplog):
    with caplog.at_level(logging.DEBUG):
        file = await tuning.upload(io.BytesIO(LINES), name="frontdesk-m1-train.jsonl")
        assert await tuning.find_file("frontdesk-m1-train.jsonl") == file
        new = NewJob("demo-small", file, "m1", suffix="acme", seed=3, hyperparameters={"n_epochs": 2})
        job = await tuning.create_job(new)
        assert (job.status, job.is_over, job.training_file, job.mark) == ("validating_files", False, file, "m1")
        done = await tuning.job(job.id)
        assert (done.status, done.is_over, done.problem) == ("succeeded", True, "")
        assert done.tuned_model.startswith("ft:demo-small:standin:acme:")
        assert await tuning.find_job("m1", training_file="") == done
        told = await tuning.events(job.id)
        assert [told[0].message[:7], told[-1].message[-9:]] == ["Created", "completed"]
        assert await tuning.events(job.id, known={told[-1].id}) == []
        assert await tuning.events(job.id, known={told[-3].id}) == told[-2:]
        with pytest.raises(BadRequest):
            await tuning.cancel(job.id)
        await tuning.delete_file(file)
        await tuning.delete_file(file)  # gone already
        assert await tuning.find_file("frontdesk-m1-train.jsonl") == ""
    assert "My secret?" not in caplog.text


async def test_what_was_never_begun_is_not_found():
    assert await tuning.find_job("nobody", training_file="file-none") is None


async def test_a_server_that_keeps_no_marks_is_known_by_the_file(serve: Serve):
    rows = [{"id": f"job-{n}", "status": "running", "training_file": f"file-{n}"} for n in range(3)]
    wire = await serve([says(*rows[:2], has_more=True)], [says(rows[2])])
    found = await tuning.find_job("m", training_file="file-2")
    assert found is not None
    assert found.id == "job-2"
    assert b"after=job-1" in wire.requests[1]


async def test_events_come_page_by_page_until_a_known_one(serve: Serve):
    wire = await serve([says(event(5), event(4), has_more=True)], [says(event(3), event(2), has_more=True)])
    told = await tuning.events("job", known={"e2"})
    assert [one.id for one in told] == ["e3", "e4", "e5"]
    assert (told[0].message, told[0].at) == ("Step 3", datetime.fromtimestamp(1_700_000_003, UTC))
    assert b"after=e4" in wire.requests[1]
    assert wire.connections == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (response("404 Not Found", body=b'{"detail":"Not Found"}'), NotOffered),
        (refuses("404 Not Found", message="Invalid URL", code="unknown_url"), NotOffered),
        (response("405 Method Not Allowed"), NotOffered),
        (response("501 Not Implemented", body=b"<h1>no</h1>"), NotOffered),
        (refuses("404 Not Found", message="Could not find", code="fine_tune_not_found"), NotThere),
        (refuses("404 Not Found", message="No such File object: file-1", param="id", code=None), NotThere),
        (refuses("400 Bad Request", message="Model x", code="model_not_available"), BadRequest),
        (refuses("401 Unauthorized", message="key"), ProviderAuth),
        (refuses("403 Forbidden", message="not allowed to tune"), ProviderAuth),
        (refuses("429 Too Many Requests", message="slow"), ProviderBusy),
        (refuses("500 Internal Server Error", message="oh"), ProviderDown),
        (response("200 OK", body=b"<html>"), Interrupted),
        (response("200 OK", body=b"[]"), Interrupted),
        (response("200 OK", body=b'{"id": 3}'), Interrupted),
    ],
)
async def test_refusals_are_told_in_our_words_and_asked_once(serve: Serve, answer: bytes, error: type[LLMError]):
    wire = await serve([answer])
    with pytest.raises(LLMError) as raised:
        await tuning.create_job(NewJob("x", "file-1", "m"))
    assert type(raised.value) is error
    assert wire.connections == 1  # whoever asks again has to look first whether it is there
    assert "Model x" not in str(raised.value)


async def test_a_server_that_says_nothing_is_left_in_time(serve: Serve, settings):
    settings.LLM_TUNING_SECONDS = 0.2
    await serve([SILENCE])
    with pytest.raises(Timeout):
        await tuning.job("job-1")


async def test_odd_values_of_a_server_do_no_harm(serve: Serve):
    row = {"id": "j\x00", "status": "failed", "error": {"message": 7}, "trained_tokens": -1, "metadata": [1]}
    await serve([response("200 OK", body=json.dumps(row).encode())])
    job = await tuning.job("j")
    assert (job.id, job.problem, job.trained_tokens, job.mark) == ("j", "", None, "")
