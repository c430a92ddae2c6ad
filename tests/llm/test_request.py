"""What is sent: only what was set, and only what the server can take."""

from __future__ import annotations

import pytest

from llm.catalogue import candidates_for, model_for
from llm.events import Usage
from llm.prices import cost_in_microdollars
from llm.request import ChatRequest

TOOL = {"type": "function", "function": {"name": "rates", "parameters": {"type": "object"}}}
EVERYTHING = ChatRequest(
    [{"role": "user", "content": "Hi\x00"}], tools=[TOOL], max_tokens=9, temperature=0.0, top_p=0.5, seed=7
)


@pytest.fixture(autouse=True)
def plain(settings):
    settings.LLM_STRONG_MODEL = "big"
    settings.LLM_SMALL_MODEL = "little"
    settings.LLM_FALLBACK_MODEL = ""
    settings.LLM_LACKS = []
    settings.LLM_TOKEN_LIMIT_NAME = "max_completion_tokens"


def test_only_what_is_set_is_sent():
    body = ChatRequest([{"role": "user", "content": "Hi"}]).body(model_for("strong"))
    assert body == {
        "model": "big",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream_options": {"include_usage": True},
    }


def test_everything_that_is_set_is_sent_cleaned():
    assert EVERYTHING.body(model_for("strong")) == {
        "model": "big",
        "messages": [{"role": "user", "content": "Hi"}],
        "tools": [TOOL],
        "max_completion_tokens": 9,
        "temperature": 0.0,
        "top_p": 0.5,
        "seed": 7,
        "stream_options": {"include_usage": True},
    }


def test_what_the_server_lacks_is_left_out(settings):
    settings.LLM_LACKS = ["usage", "tools", "strong:seed", "small:temperature"]
    settings.LLM_TOKEN_LIMIT_NAME = "max_tokens"
    body = EVERYTHING.body(model_for("strong"))
    assert set(body) == {"model", "messages", "max_tokens", "temperature", "top_p"}
    assert "seed" in EVERYTHING.body(model_for("small"))


def test_f03_the_fallback_comes_second_and_never_for_itself(settings):
    settings.LLM_FALLBACK_MODEL = "little"
    assert [model.name for model in candidates_for("strong")] == ["big", "little"]
    assert [model.name for model in candidates_for("small")] == ["little"]


@pytest.mark.parametrize(
    ("model", "cost"),
    [("gpt-4.1", 2_800), ("gpt-4.1-2025-04-14", 2_800), ("text-embedding-3-small", 20), ("demo-strong", None)],
)
def test_a_call_costs_what_its_tokens_cost_in_microdollars(model, cost):
    assert cost_in_microdollars(model, Usage(1000, 100)) == cost
