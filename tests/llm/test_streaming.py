"""Answers from the stand-in model, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
import uuid

import pytest

import llm
from llm.events import Text, ToolCalls, Waiting
from tests.llm.conftest import QUESTION, answer, end_of, eventually, failed_answer, text_of, wait_of

RATES_TOOL = {
    "type": "function",
    "function": {
        "name": "get_mortgage_rates",
        "description": "The rates of today.",
        "parameters": {
            "type": "object",
            "properties": {"years": {"type": "integer"}},
            "required": ["years"],
            "additionalProperties": False,
        },
    },
}


async def test_an_answer_comes_in_pieces_and_ends_with_finished(settings):
    settings.LLM_STRONG_MODEL = "paced-0-200-20"
    events = await answer(seed=7, temperature=0.0, max_tokens=500)
    *pieces, _ = events
    finished = end_of(events)
    assert len(pieces) > 5
    assert all(isinstance(piece, Text) for piece in pieces)
    assert text_of(pieces).endswith("token20.")
    assert (finished.reason, finished.usage.completion_tokens, finished.usage.is_estimated) == ("stop", 20, False)
    assert finished.fingerprint


async def test_usage_is_estimated_where_the_server_does_not_count(settings):
    settings.LLM_LACKS = ["usage"]
    events = await answer()
    usage = end_of(events).usage
    assert usage.is_estimated
    assert usage.completion_tokens == -(-len(text_of(events)) // 4)


async def test_f01_a_refused_key_is_not_retried_and_neither_key_nor_question_is_logged(settings, caplog):
    settings.LLM_API_KEY = "sk-very-secret"
    settings.LLM_STRONG_MODEL = "fault-401"
    with caplog.at_level(logging.DEBUG):
        events, error = await failed_answer()
    assert (events, error.code, error.retryable) == ([], "provider_auth", False)
    loggers = {record.name.split(".")[0] for record in caplog.records}
    assert "llm" in loggers
    assert not loggers & {"openai", "httpx2", "httpcore2"}
    assert "sk-very-secret" not in caplog.text
    assert "close my account" not in caplog.text
    assert "Incorrect API key" not in "".join(traceback.format_exception(error))  # the response's words


async def test_f02_a_busy_server_is_asked_again_after_a_notice(settings):
    settings.LLM_STRONG_MODEL = f"fault-429-once-{uuid.uuid4()}"
    started = time.monotonic()
    events = await answer()
    assert time.monotonic() - started >= wait_of(events) >= 1
    assert text_of(events)


@pytest.mark.parametrize("wish", ["3600", "date-3600", "ms-3600000"])
async def test_f02_who_asks_for_an_hour_is_not_waited_for(settings, wish):
    settings.LLM_STRONG_MODEL = f"fault-429-{wish}"
    events, error = await failed_answer()
    assert (events, error.code) == ([], "provider_busy")


async def test_f02_junk_in_retry_after_is_no_reason_to_fail(settings):
    settings.LLM_STRONG_MODEL = "fault-429-soon"
    settings.LLM_RETRIES = 1
    events, error = await failed_answer()
    assert ([type(event) for event in events], error.code) == ([Waiting], "provider_busy")


async def test_f03_a_server_error_is_asked_again(settings):
    settings.LLM_STRONG_MODEL = f"fault-500-once-{uuid.uuid4()}"
    events = await answer()
    assert wait_of(events) <= 0.5
    assert end_of(events).reason == "stop"


async def test_f03_the_fallback_answers_when_the_first_model_does_not(settings):
    settings.LLM_STRONG_MODEL = "fault-500"
    settings.LLM_FALLBACK_MODEL = "demo-small"
    settings.LLM_RETRIES = 0
    assert end_of(await answer()).served_by.startswith("demo-small")


async def test_f05_no_first_token_in_time(settings):
    settings.LLM_FIRST_TOKEN_SECONDS = 0.3
    settings.LLM_STRONG_MODEL = "fault-never-answers"
    assert (await failed_answer())[1].code == "timeout"


async def test_f06_keep_alives_are_no_answer(settings):
    settings.LLM_FIRST_TOKEN_SECONDS = 0.8
    settings.LLM_STRONG_MODEL = "fault-slow-loris"
    assert (await failed_answer())[1].code == "timeout"


@pytest.mark.parametrize("fault", ["cut-after-5", "malformed", "error-event"])
async def test_f07_f08_what_came_before_a_broken_stream_is_kept(settings, fault):
    settings.LLM_STRONG_MODEL = f"fault-{fault}"
    events, error = await failed_answer()
    assert text_of(events)
    assert error.code == "interrupted"


async def test_f08_a_page_with_status_200_is_no_answer(settings):
    settings.LLM_STRONG_MODEL = "fault-html"
    events, error = await failed_answer()
    assert (events, error.code) == ([], "interrupted")


async def test_f08_odd_framing_changes_nothing(settings):
    plain = text_of(await answer(seed=1))
    settings.LLM_STRONG_MODEL = "fault-odd-framing"
    assert text_of(await answer(seed=1)) == plain


@pytest.mark.parametrize("fault", ["empty-choices", "empty-answer"])
async def test_f09_an_empty_answer_is_asked_again_once_and_then_is_no_answer(settings, fault):
    settings.LLM_STRONG_MODEL = f"fault-{fault}"
    events, error = await failed_answer()
    assert (events, error.code) == ([], "no_answer")


async def test_f10_a_cut_answer_says_so(settings):
    settings.LLM_STRONG_MODEL = "fault-length-5"
    assert end_of(await answer()).reason == "length"


@pytest.mark.parametrize("fault", ["content-filter", "refusal"])
async def test_f11_a_filtered_answer_says_so(settings, fault):
    settings.LLM_STRONG_MODEL = f"fault-{fault}"
    assert end_of(await answer()).reason == "content_filter"


async def test_f12_invalid_arguments_are_passed_on_as_text(settings):
    settings.LLM_STRONG_MODEL = "fault-invalid-arguments"
    events = await answer(tools=[RATES_TOOL])
    asked = [call for event in events if isinstance(event, ToolCalls) for call in event.calls]
    assert [(call.name, call.arguments) for call in asked] == [("get_mortgage_rates", '{"value": ')]
    assert end_of(events).reason == "tool_calls"


@pytest.fixture
def closed(standin_calls):
    """Wait until the stand-in saw that the client left the answer of a model."""

    async def is_closed(model: str) -> bool:
        return [call["outcome"] for call in await standin_calls(model)] == ["closed"]

    return lambda model: eventually(lambda: is_closed(model))


async def test_f23_closing_an_answer_closes_the_connection_at_once(settings, closed):
    model = settings.LLM_STRONG_MODEL = "paced-0-20-1001"
    stream = llm.stream(QUESTION, purpose="answer")
    await anext(stream)
    started = time.monotonic()
    await stream.aclose()
    await closed(model)
    assert time.monotonic() - started < 5  # promised: 1 s


async def test_f23_a_cancelled_answer_closes_the_connection_too(settings, closed):
    model = settings.LLM_STRONG_MODEL = "paced-0-20-1002"
    task = asyncio.create_task(answer())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await closed(model)
