"""The moderation endpoint: asked once, quickly, and never again where there is none."""

from __future__ import annotations

import json
import time

import pytest

import llm
from llm import breaker, moderation
from llm.errors import Interrupted, LLMError, NotOffered
from llm.models import Call
from llm.moderation import read_moderation
from tests.llm.conftest import SILENCE, Serve, response

pytestmark = pytest.mark.django_db(transaction=True)
FOUND = {
    "results": [
        {"flagged": True, "categories": {"hate": True, "sexual": False}, "category_scores": {"hate": 0.9, "sexual": 0}}
    ]
}


@pytest.fixture(autouse=True)
def every_server_is_new():
    moderation.forget()
    yield
    moderation.forget()


async def test_the_stand_in_moderates():
    found = await llm.moderate("I want to kill myself", purpose="moderation")
    assert {"self-harm", "self-harm/intent"} <= found.flagged
    assert found.scores["self-harm"] > 0.9 > found.scores["sexual"]


async def test_a_call_is_in_the_ledger_under_its_kind_and_purpose(settings):
    with llm.on_behalf_of("v1 abc"):
        await llm.moderate("What is the late fee?", purpose="moderation")
    call = await Call.objects.aget()
    assert (call.kind, call.purpose, call.alias, call.version) == ("moderation", "moderation", "moderation", "v1 abc")
    assert (call.model, call.outcome, call.cost_microdollars) == (settings.LLM_MODERATION_MODEL, "done", 0)
    assert call.served_by == "standin-moderation-rules"


async def test_f48_texts_are_cleaned_before_they_leave(serve: Serve):
    wire = await serve([response("200 OK", body=json.dumps(FOUND).encode())])
    found = await llm.moderate("a\x00b\ud800c", purpose="moderation")
    assert (found.flagged, found.scores) == (frozenset({"hate"}), {"hate": 0.9, "sexual": 0.0})
    assert b'"abc"' in wire.requests[0]


@pytest.mark.parametrize("status", ["404 Not Found", "405 Method Not Allowed", "501 Not Implemented"])
async def test_a_server_without_the_endpoint_is_asked_once(serve: Serve, status: str):
    wire = await serve([response(status)])
    for _ in range(3):
        with pytest.raises(NotOffered):
            await llm.moderate("hi", purpose="moderation")
    assert wire.connections == 1
    assert await Call.objects.acount() == 1


async def test_one_request_that_is_refused_does_not_switch_moderation_off(serve: Serve):
    wire = await serve([response("400 Bad Request")], [response("200 OK", body=json.dumps(FOUND).encode())])
    with pytest.raises(LLMError):
        await llm.moderate("odd", purpose="moderation")
    assert (await llm.moderate("hi", purpose="moderation")).flagged == {"hate"}
    assert wire.connections == 2


async def test_a_server_that_lacks_it_is_never_asked(serve: Serve, settings):
    settings.LLM_LACKS = ["moderation"]
    wire = await serve([response("200 OK", body=json.dumps(FOUND).encode())])
    with pytest.raises(NotOffered):
        await llm.moderate("hi", purpose="moderation")
    assert (wire.connections, await Call.objects.acount()) == (0, 0)


async def test_nobody_waits_long_for_it(serve: Serve, settings):
    settings.LLM_MODERATION_SECONDS = 0.3
    await serve([SILENCE])
    began = time.monotonic()
    with pytest.raises(LLMError) as caught:
        await llm.moderate("hi", purpose="moderation")
    assert caught.value.code == "timeout"
    assert time.monotonic() - began < 2


async def test_a_server_that_keeps_failing_is_left_alone(serve: Serve, settings):
    settings.LLM_BREAKER_FAILURES = 2
    wire = await serve([response("500 Internal Server Error")])
    for _ in range(4):
        with pytest.raises(LLMError):
            await llm.moderate("hi", purpose="moderation")
    assert wire.connections == 2
    breaker.close_all()


@pytest.mark.parametrize(
    "unsound",
    [{}, [], None, {"results": []}, {"results": [{}]}, {"results": [{"categories": None}]}, {"results": "no"}],
)
def test_a_response_that_holds_no_moderation_is_refused(unsound: object):
    with pytest.raises(Interrupted):
        read_moderation(unsound)


def test_only_what_is_a_flag_or_a_number_is_read():
    odd = {"results": [{"categories": {"hate": "yes", "sexual": True}, "category_scores": {"hate": None, "x": "1"}}]}
    assert (read_moderation(odd).flagged, read_moderation(odd).scores) == (frozenset({"sexual"}), {})
