"""Files and jobs of teaching, by the real SDK: shapes, states, events, and refusals as the provider words them."""

from __future__ import annotations

import json
import re
from typing import Any

import openai
import pytest
from openai import OpenAI

from llm.standin import training_lines, tuned_names
from llm.standin.training_lines import Lesson
from llm.standin.tuning_job import TuningJob

LINE = {"messages": [{"role": "user", "content": "Hi, 你好"}, {"role": "assistant", "content": "Hello. [1]"}]}
PREFERENCE = {
    "input": {"messages": [{"role": "user", "content": "Hi"}]},
    "preferred_output": [{"role": "assistant", "content": "Hello."}],
    "non_preferred_output": [{"role": "assistant", "content": "Eh."}],
}


def lines(*some: Any, count: int = 12) -> bytes:
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in (some or (LINE,) * count)).encode()


def uploaded(client: OpenAI, content: bytes | None = None, name: str = "set-train.jsonl") -> str:
    return client.files.create(file=(name, content or lines()), purpose="fine-tune").id


def test_a_file_is_kept_as_it_came_listed_and_deleted(client: OpenAI):
    content = lines() + b'\r\n{"odd": "--boundary\\r\\n"}\n\n'
    file = client.files.create(file=("a b.jsonl", content), purpose="fine-tune")
    assert (file.filename, file.bytes, file.purpose) == ("a b.jsonl", len(content), "fine-tune")
    assert client.files.content(file.id).content == content
    assert next(iter(client.files.list(purpose="fine-tune", limit=1))).id == file.id
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError, match="No such File"):
        client.files.retrieve(file.id)


@pytest.mark.parametrize(("name", "content", "words"), [("a.csv", b"x", "Must be .jsonl"), ("a.jsonl", b"", "empty")])
def test_a_file_of_another_kind_is_refused(client: OpenAI, name: str, content: bytes, words: str):
    with pytest.raises(openai.BadRequestError, match=words):
        client.files.create(file=(name, content), purpose="fine-tune")


def test_a_job_makes_a_model_that_answers_as_its_base_and_says_so(client: OpenAI):
    job = client.fine_tuning.jobs.create(
        model="demo-small", training_file=uploaded(client), suffix="Acme Loans", metadata={"who": "me"}, seed=3
    )
    assert (job.status, job.fine_tuned_model) == ("validating_files", None)
    done = client.fine_tuning.jobs.retrieve(job.id)
    assert (done.status, done.seed, done.trained_tokens) == ("succeeded", 3, 12 * 3 * (len(lines(LINE)) // 4 + 1))
    assert str(done.fine_tuned_model).startswith("ft:demo-small:standin:acme-loans:")
    told = list(client.fine_tuning.jobs.list_events(job.id, limit=3))
    assert told[0].message == "The job has successfully completed"
    assert any("nothing is taught" in event.message for event in told)
    assert {event.type for event in told} == {"message", "metrics"}
    assert [one.id for one in client.fine_tuning.jobs.list(metadata={"who": "me"}, limit=1)][:1] == [job.id]
    said = [
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hello?"}], seed=1)
        for model in ("demo-small", str(done.fine_tuned_model))
    ]
    assert said[0].choices == said[1].choices
    assert said[1].model == done.fine_tuned_model


@pytest.mark.parametrize("name", ["ft:demo-small:standin::0123456789ab", "ft:gpt-4.1-mini:acme::abc", "ft:"])
def test_a_name_that_was_not_made_here_is_unknown(client: OpenAI, name: str):
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        client.chat.completions.create(model=name, messages=[{"role": "user", "content": "Hi"}])


def test_a_job_can_be_cancelled_once(client: OpenAI):
    job = client.fine_tuning.jobs.create(model="fault-tuning-stays", training_file=uploaded(client))
    assert client.fine_tuning.jobs.retrieve(job.id).status == "running"
    assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    with pytest.raises(openai.BadRequestError, match="already completed"):
        client.fine_tuning.jobs.cancel(job.id)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"model": "gpt-4.1"}, "is not available for fine-tuning"),
        ({"training_file": "file-none"}, "invalid training_file"),
        ({"suffix": "x" * 65}, "suffix"),
        ({"method": {"type": "reinforcement"}}, "method.type"),
        ({"extra_body": {"learning": 1}}, "Unknown parameter: 'learning'"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(client: OpenAI, asked: dict[str, Any], words: str):
    given = {"model": "demo-small", "training_file": uploaded(client)} | asked
    with pytest.raises(openai.BadRequestError, match=words):
        client.fine_tuning.jobs.create(**given)


@pytest.mark.parametrize(
    ("content", "method", "words"),
    [
        (lines(count=9), "supervised", "has 9 example"),
        (lines() + b"\n[1]", "supervised", "Line 13 is not a dictionary"),
        (lines(LINE, {"messages": [{"role": "user", "content": "x"}]}), "supervised", "Line 2, .*from the assistant"),
        (lines({**LINE, "id": 3}), "supervised", 'Line 1, key "id"'),
        (lines({"messages": [{"role": "boss", "content": "x"}]}), "supervised", 'Line 1, key "messages", 1'),
        (lines(LINE), "dpo", 'Line 1, key "input"'),
        (lines(*[PREFERENCE] * 9), "dpo", "has 9 example"),
        (b"\xff\xfe", "supervised", "Line 1 is not a dictionary"),
    ],
)
def test_the_first_wrong_line_is_named(content: bytes, method: str, words: str):
    error = training_lines.read(content, method, param="training_file").error
    assert error is not None
    assert re.search(words, error["message"])


def test_a_bad_file_fails_the_job_and_not_the_request(client: OpenAI):
    job = client.fine_tuning.jobs.create(model="demo-small", training_file=uploaded(client, b'{"a": 1}'))
    failed = client.fine_tuning.jobs.retrieve(job.id)
    assert (failed.status, failed.fine_tuned_model) == ("failed", None)
    assert failed.error is not None
    assert (failed.error.code, failed.error.param) == ("invalid_file_format", "training_file")


def test_a_job_takes_its_time_where_it_is_paced():
    job = TuningJob(
        "demo-small", "dpo", {"n_epochs": 2}, "", 1, None, "file-1", None, Lesson(("ab",) * 12, 24), None, seconds=100
    )
    now = job.created_at
    seen = [job.status(now + after) for after in (0, 15, 50, 99, 100)]
    assert seen == ["validating_files", "queued", "running", "running", "succeeded"]
    told = [len(job.events(now + after)) for after in (0, 15, 50, 100)]
    assert told == sorted(set(told))
    assert job.describe(now + 100)["trained_tokens"] == 48


def test_a_name_says_itself_that_it_was_made_here():
    name = tuned_names.name_for("demo-small", "Acme: Loans!", "ftjob-1")
    assert tuned_names.base_of(name) == "demo-small"
    assert tuned_names.base_of(name.replace("demo-small", "demo-strong")) is None
    assert tuned_names.base_of(tuned_names.name_for(name, "again", "ftjob-2")) == "demo-small"
