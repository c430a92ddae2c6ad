"""How an answer is put together from chunks, those of odd servers included."""

from __future__ import annotations

from typing import Any

import pytest

from llm.answer import Answer
from llm.events import ToolCall, Usage


def chunk(finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}


def answer_of(*chunks: dict[str, Any]) -> tuple[str, Answer]:
    answer = Answer()
    return "".join([answer.add(each) for each in chunks]), answer


def test_text_reason_model_and_fingerprint_are_gathered():
    first = {"model": "m-2026-01-01", "system_fingerprint": "fp_1", **chunk(role="assistant", content="")}
    text, answer = answer_of(first, chunk(content="Hel"), chunk(content="lo"), chunk("stop"))
    assert (text, answer.reason, answer.served_by, answer.fingerprint) == ("Hello", "stop", "m-2026-01-01", "fp_1")


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [None]},
        {"choices": "text"},
        {"choices": [{"delta": None}]},
        {"choices": [{"index": 0}]},
        chunk(content=None),
        chunk(content=["a", "list"]),
        chunk(tool_calls=None),
        chunk(tool_calls="text"),
        chunk(tool_calls=[None]),
        {"usage": "many", "choices": []},
        {"usage": {"prompt_tokens": -1}, "choices": []},
        {"usage": {"prompt_tokens": 10**12}, "choices": []},
    ],
)
def test_f09_chunks_of_odd_shapes_add_nothing(odd):
    text, answer = answer_of(odd)
    assert (text, answer.has_begun, answer.usage) == ("", False, None)


def test_f09_a_chunk_with_usage_alone_is_read():
    counted = {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": None}}
    assert answer_of(chunk(content="x"), counted)[1].usage == Usage(12, 0)


def test_f11_a_refusal_is_a_filtered_answer_and_its_words_are_not_passed_on():
    text, answer = answer_of(chunk(refusal="I must "), chunk(refusal="not."), chunk("stop"))
    assert (text, answer.reason) == ("", "content_filter")


def test_f12_fragments_of_tool_calls_are_joined_by_their_index():
    def fragment(index: int, **rest: Any) -> dict[str, Any]:
        return chunk(tool_calls=[{"index": index, **rest}])

    answer = answer_of(
        fragment(0, id="a", function={"name": "rates", "arguments": ""}),
        fragment(1, id="b", function={"name": "fees", "arguments": '{"of'}),
        fragment(0, function={"arguments": '{"years": '}),
        fragment(1, function={"arguments": '": "late"}'}),
        fragment(0, function={"arguments": "30}"}),
        chunk("tool_calls"),
    )[1]
    assert answer.tool_calls == (
        ToolCall("a", "rates", '{"years": 30}'),
        ToolCall("b", "fees", '{"of": "late"}'),
    )


def test_f12_servers_without_an_index_are_understood():
    answer = answer_of(
        chunk(tool_calls=[{"id": "a", "function": {"name": "rates", "arguments": "{"}}]),
        chunk(tool_calls=[{"function": {"arguments": "}"}}]),
        chunk(tool_calls=[{"id": "b", "function": {"name": "fees", "arguments": "{}"}}]),
    )[1]
    assert answer.tool_calls == (ToolCall("a", "rates", "{}"), ToolCall("b", "fees", "{}"))


def test_f12_arguments_that_are_no_json_are_passed_on_for_the_caller_to_judge():
    answer = answer_of(chunk(tool_calls=[{"index": 0, "id": "a", "function": {"name": "x", "arguments": '{"a\x00'}}]))[
        1
    ]
    assert answer.tool_calls == (ToolCall("a", "x", '{"a'),)


def test_f48_a_character_cut_between_two_deltas_is_whole():
    assert answer_of(chunk(content="a\ud83d"), chunk(content="\ude00\x00b"))[0] == "a😀b"
