"""A script is strict: a call too many, a call that is not as expected, and a line left over all fail the test."""

from __future__ import annotations

import openai
import pytest

from tests import standin


def failing(reason: str) -> pytest.RaisesExc[AssertionError]:
    return pytest.raises(AssertionError, match=reason)


SAID = [{"role": "user", "content": "How do I delete my account?"}]


def test_lines_are_played_in_order_and_calls_are_kept(client):
    call = {"name": "close", "arguments": {"city": "Málaga"}}
    with standin.script(
        {"expect": {"contains": "delete", "tools": False}, "reply": {"tool_calls": [call]}},
        {"reply": {"text": "Done.", "finish_reason": "length", "system_fingerprint": "fp_2", "model": "gpt-real"}},
    ) as played:
        first = client.chat.completions.create(model=played.model, messages=SAID)
        second = client.chat.completions.create(model=played.model, messages=SAID, seed=7)
        assert first.choices[0].message.tool_calls[0].function.arguments == '{"city": "Málaga"}'
        assert second.choices[0].finish_reason == "length"
        assert (second.system_fingerprint, second.model) == ("fp_2", "gpt-real")
        assert [request.get("seed") for request in played.calls] == [None, 7]


def test_a_call_too_many_is_a_500_and_fails_the_test(client):
    with failing("no line left"), standin.script({}) as played:
        client.chat.completions.create(model=played.model, messages=SAID)
        with pytest.raises(openai.InternalServerError, match="no line left"):
            client.chat.completions.create(model=played.model, messages=SAID)


def test_a_line_left_over_fails_the_test(client):
    with failing("1 lines"), standin.script({}, {}) as played:
        client.chat.completions.create(model=played.model, messages=SAID)


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ({"contains": ["account", "close"]}, "does not contain 'close'"),
        ({"lacks": "delete"}, "contains 'delete'"),
        ({"tools": True}, "tools is False"),
        ({"tools": ["rates"]}, "tools is \\[\\]"),
        ({"response_format": "json_object"}, "response_format is 'text'"),
        ({"stream": True, "seed": 3}, "stream is False, not True; seed is None"),
        ({"messages": 2}, "messages is 1"),
    ],
)
def test_a_call_that_is_not_as_expected_fails_the_test(client, expected, reason):
    with (
        failing(reason),
        standin.script({"expect": expected}) as played,
        pytest.raises(openai.InternalServerError, match=reason),
    ):
        client.chat.completions.create(model=played.model, messages=SAID)


def test_a_scripted_error_has_its_status(client):
    with standin.script({"reply": {"status": 429, "retry_after": "7"}}) as played:
        with pytest.raises(openai.RateLimitError) as refused:
            client.chat.completions.create(model=played.model, messages=SAID)
        assert refused.value.response.headers["retry-after"] == "7"


def test_a_script_with_a_slip_in_it_is_refused():
    with failing("expct"), standin.script({"expct": {}}):
        pass
