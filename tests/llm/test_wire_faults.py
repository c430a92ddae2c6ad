"""Faults on the wire that a well-behaved server cannot play: each test says which bytes come, and when."""

from __future__ import annotations

import asyncio

import pytest

from llm import errors
from llm.events import Waiting
from tests.llm.conftest import (
    END,
    FIN,
    HEAD,
    RESET,
    SILENCE,
    answer,
    chunked,
    end_of,
    failed_answer,
    response,
    says,
    text_of,
    wait_of,
)


@pytest.mark.parametrize("cut", [FIN, RESET])
async def test_f07_a_cut_in_the_middle_keeps_what_came_and_is_not_retried(serve, cut):
    wire = await serve([HEAD, says("Half an "), 0.05, says("answer"), 0.05, cut])
    events, error = await failed_answer()
    assert (text_of(events), error.code) == ("Half an answer", "interrupted")
    assert wire.connections == 1


async def test_f07_an_end_that_was_not_announced_is_a_cut(serve):
    await serve([HEAD, says("Half"), chunked(b"")])
    events, error = await failed_answer()
    assert (text_of(events), error.code) == ("Half", "interrupted")


async def test_f07_a_server_that_forgets_done_but_says_why_it_stops_is_finished(serve):
    await serve([HEAD, says("All"), chunked(b'data: {"choices":[{"finish_reason":"stop"}]}\n\n', b"")])
    assert end_of(await answer()).reason == "stop"


@pytest.mark.parametrize("cut", [FIN, RESET])
async def test_f03_a_cut_before_the_first_token_is_retried(serve, cut):
    wire = await serve([HEAD, cut], [HEAD, says("Here"), END])
    events = await answer()
    assert wait_of(events) <= 0.5
    assert (text_of(events), wire.connections) == ("Here", 2)


async def test_f08_half_a_character_waits_for_its_other_half(serve):
    letter = 'data: {"choices":[{"delta":{"content":"é"}}]}\n\n'.encode()
    place = letter.index(b"\xc3") + 1
    await serve([HEAD, chunked(letter[:place]), 0.05, chunked(letter[place:]), END])
    assert text_of(await answer()) == "é"


async def test_f08_an_endless_line_ends_the_answer(serve):
    await serve([HEAD, says("Good"), *[chunked(b"x" * 65_536)] * 20, SILENCE])
    events, error = await failed_answer()
    assert (text_of(events), error.code) == ("Good", "interrupted")


async def test_f05_a_server_that_never_answers_is_given_up(serve, settings):
    settings.LLM_FIRST_TOKEN_SECONDS = 0.3
    wire = await serve([SILENCE])
    assert (await failed_answer())[1].code == "timeout"
    await wire.left_early.wait()
    assert wire.connections == 1


async def test_f06_comments_do_not_keep_a_silent_answer_alive(serve, settings):
    settings.LLM_IDLE_SECONDS = 0.4
    await serve([HEAD, says("Well"), *[chunked(b": keep-alive\n\n"), 0.1] * 30, says(" then"), END])
    events, error = await failed_answer()
    assert (text_of(events), error.code) == ("Well", "interrupted")


async def test_f06_a_slow_answer_that_goes_on_is_not_idle(serve, settings):
    settings.LLM_IDLE_SECONDS = 0.4
    await serve([HEAD, *[says("x"), 0.1] * 6, END])
    assert text_of(await answer()) == "xxxxxx"


async def test_f06_no_answer_goes_on_beyond_its_deadline(serve, settings):
    settings.LLM_ANSWER_SECONDS = 0.5
    await serve([HEAD, *[says("x"), 0.1] * 30, END])
    events, error = await failed_answer()
    assert error.code == "interrupted"
    assert 2 <= len(text_of(events)) <= 6


async def test_a34_a_redirect_is_not_followed(serve):
    wire = await serve([response("302 Found", "location: http://127.0.0.1:9/v1/chat/completions")])
    assert (await failed_answer())[1].code == "bad_request"
    assert wire.connections == 1


@pytest.mark.parametrize(
    ("status", "code", "connections"),
    [
        ("400 Bad Request", "bad_request", 1),
        ("409 Conflict", "provider_busy", 3),
        ("529 Overloaded", "provider_down", 3),
    ],
)
async def test_f03_only_what_can_pass_is_retried(serve, settings, status, code, connections):
    settings.LLM_RETRIES = 2
    wire = await serve([response(status, "retry-after-ms: 10")])
    assert (await failed_answer())[1].code == code
    assert wire.connections == connections


async def test_f11_a_request_that_the_provider_filters_is_said_to_be_filtered(serve):
    await serve([response("400 Bad Request", body=b'{"error": {"code": "content_filter"}}')])
    assert isinstance((await failed_answer())[1], errors.ContentFiltered)


async def test_f61_a_used_up_quota_is_not_waited_for(serve):
    wire = await serve([response("429 Too Many", body=b'{"error": {"code": "insufficient_quota"}}')])
    assert (await failed_answer())[1].code == "provider_busy"
    assert wire.connections == 1


async def test_f04_a_refused_connection_is_retried_and_then_left_alone(settings):
    settings.LLM_BASE_URL = "http://127.0.0.1:9/v1"
    settings.LLM_RETRIES = 2
    settings.LLM_BREAKER_FAILURES = 3
    events, error = await failed_answer()
    assert ([type(event) for event in events], error.code) == ([Waiting, Waiting], "provider_down")
    events, error = await failed_answer()
    assert (events, error.code) == ([], "provider_down")


async def test_f04_a_failed_handshake_is_a_server_that_is_down(serve, settings):
    settings.LLM_RETRIES = 0
    server = await asyncio.start_server(lambda _, writer: writer.write(b"no TLS here"), "127.0.0.1", 0)
    settings.LLM_BASE_URL = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    assert (await failed_answer())[1].code == "provider_down"
    server.close()


async def test_a_finished_answer_leaves_its_connection_for_the_next_one(serve):
    wire = await serve([HEAD, says("Hi"), END, 5.0])
    await answer()
    await asyncio.sleep(0.1)
    assert not wire.left_early.is_set()
