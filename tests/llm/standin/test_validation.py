"""Requests are refused as the real API refuses them, with its error object."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm.standin import schemas, shaping
from llm.standin.body import validate
from llm.standin.errors import ApiError
from llm.standin.requests import ChatRequest
from llm.standin.rules import check
from tests import standin

SAID = [{"role": "user", "content": "Hello, answer in JSON"}]
WITHOUT_JSON = [{"role": "user", "content": "Hello"}]
LOOKUP = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}
CALLED = {
    "role": "assistant",
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "a", "arguments": "{}"}}],
}


def tool(**function: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "look_up", **function}}]}


def of_type(name: str) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": {"type": name}}}


def shaped(**schema: Any) -> dict[str, Any]:
    wanted = {"name": "answer", "strict": True, "schema": {"type": "object", **schema}}
    return {"response_format": {"type": "json_schema", "json_schema": wanted}}


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"top_k": 5}, "top_k", "unknown_parameter"),
        ({"messages": None}, "messages", "invalid_type"),
        ({"messages": []}, "messages", "invalid_value"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "invalid_type"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": "x", "id": 1}]}, "messages[0].id", "unknown_parameter"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0]", "invalid_value"),
        ({"messages": [{"role": "assistant"}]}, "messages[0]", "invalid_value"),
        ({"messages": [*SAID, {"role": "tool", "tool_call_id": "x", "content": "1"}]}, "messages[1].role", None),
        ({"messages": [*SAID, CALLED, *SAID]}, "messages[2].role", None),
        ({"temperature": 3}, "temperature", "invalid_value"),
        ({"temperature": "1"}, "temperature", "invalid_type"),
        ({"seed": 1.5}, "seed", "invalid_type"),
        ({"n": 2}, "n", "invalid_value"),
        ({"max_tokens": 0}, "max_tokens", "invalid_value"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, None, None),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
        ({"tool_choice": "auto"}, "tool_choice", None),
        ({"tools": [LOOKUP, LOOKUP]}, "tools", None),
        ({"tools": [LOOKUP], "tool_choice": {"type": "function", "function": {"name": "b"}}}, "tool_choice", None),
        (tool(name="look up"), "tools[0].function.name", "invalid_value"),
        (tool(arguments={}), "tools[0].function.arguments", "unknown_parameter"),
        (tool(parameters={"type": "string"}), "tools[0].function", "invalid_value"),
        (tool(parameters=of_type("text")), "tools[0].function", "invalid_value"),
        (tool(parameters=of_type("array")), "tools[0].function", "invalid_value"),
        (tool(strict=True, parameters=of_type("string")), "tools[0].function", "invalid_value"),
        (shaped(properties={"a": {"type": "string"}}, additionalProperties=False),
         "response_format.json_schema", "invalid_value"),
        ({"response_format": {"type": "json_object"}, "messages": WITHOUT_JSON}, "messages", None),
        ({"response_format": {"type": "yaml"}}, "response_format", "invalid_value"),
    ],
)  # fmt: skip
def test_a_request_that_is_not_valid_names_what_is_wrong(change, param, code):
    answer = post({"model": "demo-strong", "messages": SAID, **change})
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["param"], error["code"], error["type"]) == (param, code, "invalid_request_error")
    assert error["message"]


def test_what_the_real_api_takes_is_taken():
    parameters = {
        "temperature": 0, "top_p": 1, "presence_penalty": 0.5, "frequency_penalty": -1, "seed": -5, "stop": ["END"],
        "max_completion_tokens": 50, "n": 1, "logprobs": False, "stream": False, "store": False, "user": "u",
        "metadata": {"a": "b"}, "tools": [LOOKUP], "tool_choice": "none", "parallel_tool_calls": True,
        "response_format": {"type": "text"},
    }  # fmt: skip
    said = [
        {"role": "developer", "content": "Be kind"},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
    ]
    assert post({"model": "demo-small", "messages": said, **parameters}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}])
def test_a_missing_key_is_401(headers):
    answer = httpx2.get(standin.address("/v1/models"), headers=headers)
    assert answer.status_code == 401
    assert "API key" in answer.json()["error"]["message"]


def test_an_unknown_model_is_404_and_so_is_an_unknown_address(client):
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(model="gpt-99", messages=SAID)
    assert refused.value.code == "model_not_found"
    assert httpx2.get(standin.address("/v1/nothing")).json()["error"]["code"] == "unknown_url"


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_400(body):
    assert send(body).status_code == 400


def test_a_body_over_ten_megabytes_is_413():
    assert send(b" " * (10 * 1024 * 1024 + 1)).status_code == 413


def test_control_characters_and_lone_surrogates_come_back_as_json():
    question = "".join(map(chr, range(32))) + "\\ud800 \U0001f389"
    answer = send(b'{"model":"demo-strong","messages":[{"role":"user","content":"a\\u0000\\ud800\\udfff"}]}')
    assert answer.status_code == 200
    assert post({"model": "demo-strong", "messages": [{"role": "user", "content": question}]}).status_code == 200


WORDS = st.sampled_from(
    ["object", "array", "string", "integer", "null", "#", "#/$defs/a", "account", "30_year", "\ud800", ""]
)
NAMES = st.sampled_from(["type", "properties", "items", "enum", "anyOf", "$ref", "$defs", "required", "a", "default"])
ANYTHING = st.recursive(
    WORDS | st.integers(-9, 9) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(schema=st.dictionaries(NAMES, ANYTHING, max_size=5))
def test_any_schema_that_is_taken_is_filled_with_json(schema):
    sound = {**schema, "type": "object"}
    if schemas.problem_of_parameters(sound, strict=False) is None:
        for source in (
            shaping.Source("My account has 30 years"),
            shaping.Source("Yes.", sentences=["Yes."], citations=[1]),
        ):
            json.dumps(shaping.shape(sound, source))


@settings(max_examples=300, deadline=None)
@given(values=st.dictionaries(st.sampled_from([*ChatRequest.model_fields, "other"]), ANYTHING, max_size=4))
def test_any_values_are_taken_or_refused(values):
    with suppress(ApiError):
        check(validate({"model": "demo-small", "messages": SAID, **values}, ChatRequest))


def post(body: dict[str, Any]) -> httpx2.Response:
    return httpx2.post(standin.address("/v1/chat/completions"), json=body, headers={"Authorization": "Bearer k"})


def send(body: bytes) -> httpx2.Response:
    headers = {"Authorization": "Bearer k", "Content-Type": "application/json"}
    return httpx2.post(standin.address("/v1/chat/completions"), content=body, headers=headers)
