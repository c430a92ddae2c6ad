"""Every call leaves its row, however it ends and whatever becomes of its caller."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from contextlib import aclosing

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction

import llm
from llm.database import in_database
from llm.models import Call
from tests.llm.conftest import QUESTION, answer, end_of, eventually, failed_answer, text_of

kept = pytest.mark.django_db(transaction=True)


async def the_call() -> Call:
    return await in_database(Call.objects.get)


async def calls() -> list[Call]:
    return await in_database(lambda: list(Call.objects.order_by("created_at")))


@kept
async def test_an_answer_leaves_a_row_with_all_that_a_replay_needs(settings):
    events = await answer(seed=7, temperature=0.2, max_tokens=300)
    finished, call = end_of(events), await the_call()
    assert (call.id, call.purpose, call.kind, call.alias) == (finished.call_id, "answer", "chat", "strong")
    assert (call.model, call.outcome, call.error_code, call.finish_reason) == ("demo-strong", "done", "", "stop")
    assert (call.served_by, call.fingerprint) == (finished.served_by, finished.fingerprint)
    assert (call.seed, call.parameters["temperature"], call.attempts) == (7, 0.2, 1)
    assert "messages" not in call.parameters
    assert (call.prompt_tokens, call.completion_tokens) == (
        finished.usage.prompt_tokens,
        finished.usage.completion_tokens,
    )
    assert not call.usage_is_estimated
    assert call.first_token_ms is not None
    assert call.first_token_ms <= call.duration_ms
    assert call.cost_microdollars is None  # no price is known for the stand-in


@kept
async def test_the_same_request_has_the_same_hash_and_another_has_another():
    for seed in (1, 1, 2):
        await answer(seed=seed)
    first, second, third = [call.request_hash for call in await calls()]
    assert first == second != third


@kept
async def test_f23_a_stopped_answer_is_kept_with_an_estimate(settings):
    settings.LLM_STRONG_MODEL = "paced-0-50-1000"
    async with aclosing(llm.stream(QUESTION, purpose="answer")) as stream:
        await anext(stream)
    call = await the_call()
    assert (call.outcome, call.error_code, call.usage_is_estimated) == ("stopped", "", True)
    assert call.prompt_tokens > 0
    assert call.completion_tokens > 0


@kept
async def test_f23_a_cancelled_task_leaves_its_row_even_when_it_is_cancelled_again(settings):
    settings.LLM_STRONG_MODEL = "paced-0-50-1000"
    task = asyncio.create_task(answer())
    await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await eventually(lambda: in_database(Call.objects.exists))
    assert (await the_call()).outcome == "stopped"


@kept
async def test_f03_a_failed_call_says_why_and_how_often_it_was_tried(settings):
    settings.LLM_STRONG_MODEL = "fault-500"
    settings.LLM_RETRIES = 1
    await failed_answer()
    call = await the_call()
    assert (call.outcome, call.error_code, call.attempts) == ("failed", "provider_down", 2)
    assert (call.prompt_tokens, call.completion_tokens, call.first_token_ms) == (0, 0, None)


@kept
async def test_the_ledger_counts_as_many_attempts_as_the_server_does(settings, standin_calls):
    model = settings.LLM_STRONG_MODEL = f"fault-500-once-{uuid.uuid4()}"
    for _ in range(2):
        await answer()
    assert [call.attempts for call in await calls()] == [2, 1]
    assert len(await standin_calls(model)) == 3


@kept
async def test_f07_a_cut_answer_keeps_what_it_cost(settings):
    settings.LLM_STRONG_MODEL = "fault-cut-after-8"
    events, _ = await failed_answer()
    call = await the_call()
    assert (call.outcome, call.error_code, call.usage_is_estimated) == ("failed", "interrupted", True)
    assert call.completion_tokens == -(-len(text_of(events)) // 4)


@kept
async def test_f01_a_call_that_the_breaker_refused_made_no_attempt(settings):
    settings.LLM_STRONG_MODEL = "fault-401"
    for _ in range(2):
        await failed_answer()
    assert [(call.model, call.error_code, call.attempts) for call in await calls()] == [
        ("fault-401", "provider_auth", 1),
        ("fault-401", "provider_auth", 0),
    ]


@kept
async def test_each_request_for_vectors_is_a_call(settings):
    await llm.embed([f"Text {number}" for number in range(65)], purpose="ingest")
    for call in await calls():
        assert (call.kind, call.alias) == ("embedding", "embedding")
        assert (call.purpose, call.outcome) == ("ingest", "done")
        assert call.prompt_tokens > 0
        assert "input" not in call.parameters
    assert await in_database(Call.objects.count) == 2


async def test_f37_an_answer_is_not_broken_by_a_ledger_that_fails(caplog):
    # no database is allowed in this test: every query raises
    with caplog.at_level(logging.ERROR, "llm.ledger"):
        assert end_of(await answer()).reason == "stop"
    assert "The ledger lost a call" in caplog.text


@kept
def test_f36_an_answer_does_not_wait_for_a_database_that_hangs_and_the_row_comes_later():
    started = time.monotonic()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE llm_call IN ACCESS EXCLUSIVE MODE")
        async_to_sync(answer)()
        assert time.monotonic() - started < 10  # promised: 2 s after its end
    while not Call.objects.exists():
        assert time.monotonic() - started < 20
        time.sleep(0.05)
