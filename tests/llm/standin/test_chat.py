"""Chat completions over the wire: streamed and whole, continued, with tools, and as JSON."""

from __future__ import annotations

import json
import time

import pytest

from tests import standin
from tests.llm.standin.conftest import ask

ARTICLE = "To close your account, open Settings and press Close. We keep your data for 30 days."
QUESTION = "How do I close my account?"
WHOLE = "To close your account, open Settings and press Close. [1]"
RATES = {
    "type": "function",
    "function": {
        "name": "get_mortgage_rates",
        "description": "Today's mortgage rates, by term of the loan.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"term": {"type": ["string", "null"], "enum": ["15_year", "30_year", None]}},
            "required": ["term"],
            "additionalProperties": False,
        },
    },
}
STATUS = {
    "type": "function",
    "function": {
        "name": "application_status",
        "description": "Where a loan application stands.",
        "parameters": {
            "type": "object",
            "properties": {"reference": {"type": "string"}, "loud": {"type": "boolean", "default": False}},
            "required": ["reference"],
        },
    },
}


def test_a_streamed_answer_is_the_whole_one_with_its_usage_last(client):
    whole = client.chat.completions.create(model="demo-strong", messages=ask(QUESTION, ARTICLE), seed=0)
    stream = client.chat.completions.create(
        model="demo-strong",
        messages=ask(QUESTION, ARTICLE),
        seed=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content == WHOLE
    assert [chunk.choices for chunk in chunks].count([]) == 1
    assert chunks[-1].usage == whole.usage
    assert chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason == "stop"
    assert {chunk.system_fingerprint for chunk in chunks} == {whole.system_fingerprint} != {None}
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens


def test_the_answer_ends_at_its_limit_and_before_a_stop(client):
    cut = client.chat.completions.create(model="demo-strong", messages=ask(QUESTION, ARTICLE), max_tokens=3).choices[0]
    assert (cut.message.content, cut.finish_reason) == ("To close your", "length")
    stopped = client.chat.completions.create(model="demo-strong", messages=ask(QUESTION, ARTICLE), stop=" and").choices[
        0
    ]
    assert (stopped.message.content, stopped.finish_reason) == ("To close your account, open Settings", "stop")


@pytest.mark.parametrize("place", [1, 8, 14, 30, len(WHOLE) - 2])
def test_a_cut_answer_is_continued_where_it_stopped(client, place):
    said = [
        *ask(QUESTION, ARTICLE),
        {"role": "assistant", "content": WHOLE[:place]},
        {"role": "user", "content": "<continue/>"},
    ]
    rest = client.chat.completions.create(model="demo-strong", messages=said).choices[0].message.content
    assert WHOLE[:place] + rest == WHOLE


@pytest.mark.parametrize(
    ("question", "name", "arguments"),
    [
        ("What are the mortgage rates for a 30 year loan?", "get_mortgage_rates", {"term": "30_year"}),
        ("What are your mortgage rates today?", "get_mortgage_rates", {"term": None}),
        ("Where does my application LN-20481 stand?", "application_status", {"reference": "LN-20481", "loud": False}),
    ],
)
def test_a_tool_that_fits_is_called_with_what_the_question_says(client, question, name, arguments):
    answer = client.chat.completions.create(
        model="demo-strong", messages=ask(question, ARTICLE), tools=[RATES, STATUS]
    ).choices[0]
    (call,) = answer.message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == (name, arguments)
    assert (answer.message.content, answer.finish_reason) == (None, "tool_calls")


def test_no_tool_is_called_that_does_not_fit_or_may_not_be(client):
    for question, choice in (
        (QUESTION, "auto"),
        ("Where is my application?", "auto"),
        ("What are the mortgage rates?", "none"),
    ):
        answer = client.chat.completions.create(
            model="demo-strong", messages=ask(question, ARTICLE), tools=[RATES, STATUS], tool_choice=choice
        )
        assert answer.choices[0].message.tool_calls is None
    forced = client.chat.completions.create(
        model="demo-strong", messages=ask(QUESTION, ARTICLE), tools=[RATES], tool_choice="required"
    )
    assert forced.choices[0].finish_reason == "tool_calls"


def test_what_a_tool_returned_is_the_answer(client):
    call = {"id": "c1", "type": "function", "function": {"name": "get_mortgage_rates", "arguments": "{}"}}
    said = [
        *ask("What are the mortgage rates?"),
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": '{"term": "30 year", "rate": 6.125}'},
    ]
    answer = client.chat.completions.create(model="demo-strong", messages=said, tools=[RATES]).choices[0].message
    assert answer.content == "The result is: term: 30 year, rate: 6.125"


def test_json_of_a_schema_has_its_fields_and_types(client):
    properties = {
        "answer": {"type": "string"},
        "verdict": {"type": "string", "enum": ["sell", "close"]},
        "score": {"type": "integer", "minimum": 1, "maximum": 5},
        "sources": {"type": "array", "items": {"type": "integer"}},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }
    part = {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
        "additionalProperties": False,
    }
    schema = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    shape = {"name": "graded", "strict": True, "schema": {**schema, "$defs": {"part": part}}}
    answer = client.chat.completions.create(
        model="demo-judge",
        messages=ask(QUESTION, ARTICLE),
        response_format={"type": "json_schema", "json_schema": shape},
    )
    data = json.loads(answer.choices[0].message.content)
    assert data.keys() == properties.keys()
    assert (data["answer"], data["verdict"], data["sources"]) == (WHOLE[:-4], "close", [1])
    assert data["score"] in range(1, 6)
    assert all(set(one) == {"text"} for one in data["parts"])


def test_a_json_object_has_the_keys_that_the_prompt_names(client):
    said = [{"role": "system", "content": 'Reply in JSON: {"verdict": …, "reason": …}'}, *ask(QUESTION, ARTICLE)]
    answer = client.chat.completions.create(model="demo-judge", messages=said, response_format={"type": "json_object"})
    assert json.loads(answer.choices[0].message.content).keys() == {"verdict", "reason"}


def test_paced_tokens_come_at_their_pace_and_none_is_lost(client):
    begun = time.monotonic()
    stream = client.chat.completions.create(model="paced-200-50-20", messages=ask(QUESTION), stream=True)
    moments = [time.monotonic() - begun for chunk in stream if chunk.choices[0].delta.content]
    assert len(moments) == 20
    assert moments[0] >= 0.2
    assert moments[-1] >= 0.2 + 19 / 50
    assert moments[-1] < 5


def test_the_log_says_what_became_of_a_call(client):
    stream = client.chat.completions.create(model="paced-0-20-400", messages=ask("Tell me"), stream=True)
    next(iter(stream))
    stream.close()
    deadline = time.monotonic() + 5
    while standin.calls("paced-0-20-400")[-1]["outcome"] == "open" and time.monotonic() < deadline:
        time.sleep(0.02)
    call = standin.calls("paced-0-20-400")[-1]
    assert call["outcome"] == "closed"
    assert call["completion_tokens"] < 200


@pytest.mark.parametrize("question", [QUESTION, "What are the mortgage rates?"])
def test_the_log_counts_the_tokens_that_the_answer_names(client, question):
    usages = []
    for stream in (False, True):
        options = {"include_usage": True} if stream else None
        answer = client.chat.completions.create(
            model="demo-small", messages=ask(question, ARTICLE), tools=[RATES], stream=stream, stream_options=options
        )
        usages.append([*answer][-1].usage if stream else answer.usage)
    logged = {(call["prompt_tokens"], call["completion_tokens"]) for call in standin.calls("demo-small")}
    assert {(usage.prompt_tokens, usage.completion_tokens) for usage in usages} <= logged
    assert usages[0] == usages[1]


def test_moderations_and_models_answer(client):
    results = client.moderations.create(input=["I want to kill myself", "How do I close my account?"]).results
    assert [result.flagged for result in results] == [True, False]
    assert results[0].categories.self_harm
    assert {model.id for model in client.models.list()} >= {
        "demo-strong",
        "demo-small",
        "demo-judge",
        "all-MiniLM-L6-v2",
    }
