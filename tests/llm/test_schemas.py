"""Schemas in the subset that servers enforce, and objects read strictly from what a model wrote."""

from __future__ import annotations

import json
import string
from contextlib import suppress
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from llm.json_text import NotJSON, parse
from llm.schemas import strict_schema, without_nulls
from llm.standin.schemas import problem_of_parameters


class Part(BaseModel):
    score: int = Field(ge=1, le=5, description="How good")
    note: str = ""


class Whole(BaseModel):
    kind: Literal["a"]
    parts: list[Part] = Field(max_length=3)
    best: Part | None = None
    fallback: Part = Part(score=1)
    words: tuple[str, ...] = ()


class Loop(BaseModel):
    inner: Loop | None


def objects(schema: Any) -> list[dict[str, Any]]:
    """All objects within a schema."""
    if isinstance(schema, list):
        return [found for part in schema for found in objects(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for part in schema.values() for found in objects(part)]


@pytest.mark.parametrize("model", [Part, Whole, Loop])
def test_every_field_is_required_and_no_other_is_allowed(model):
    schema = strict_schema(model)
    assert objects(schema)
    for found in objects(schema):
        assert found["required"] == list(found["properties"])
        assert found["additionalProperties"] is False
    assert problem_of_parameters(schema, strict=True) is None


def test_what_servers_do_not_know_is_told_in_words_instead():
    part = strict_schema(Part)["properties"]
    assert part["score"] == {"type": "integer", "description": "How good (minimum: 1, maximum: 5)"}
    assert part["note"]["anyOf"][1] == {"type": "null"}
    text = json.dumps(strict_schema(Whole))
    assert not any(f'"{word}":' in text for word in ("maxItems", "minimum", "default", "title", "const", "oneOf"))


def test_a_null_for_a_field_with_a_default_is_a_field_left_out():
    value = {"kind": "a", "parts": [{"score": 2, "note": None}], "best": None, "fallback": None, "words": None}
    read = Whole.model_validate(without_nulls(value, Whole))
    assert read == Whole(kind="a", parts=[Part(score=2)])


def test_a_null_that_means_null_stays_and_one_where_none_may_be_is_still_wrong():
    assert without_nulls({"inner": {"inner": None}}, Loop) == {"inner": {"inner": None}}
    assert without_nulls({"score": None}, Part) == {"score": None}


class AnyKeys(BaseModel):
    found: dict[str, int]


class AnyValue(BaseModel):
    found: Any


class FixedPlaces(BaseModel):
    pair: tuple[int, str]


class Empty(BaseModel):
    pass


@pytest.mark.parametrize("model", [AnyKeys, AnyValue, FixedPlaces, Empty])
def test_a_model_that_no_server_could_enforce_is_refused_where_it_is_written(model):
    with pytest.raises(TypeError):
        strict_schema(model)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no valid JSON"),
        ("null", "no object"),
        ('{"a": 1} {"a": 2}', "no valid JSON"),
        ('{"a": 1,}', "no valid JSON"),
        ("{'a': 1}", "no valid JSON"),
        ('{"a": Infinity}', "NaN and Infinity"),
        ('{"a": 1e999}', "too large"),
        ('{"a": 1, "a\\u0000": 2}', "twice"),
        ('{"a": ' + "9" * 5_000 + "}", "beyond all limits"),
        ('{"a": ' + "[" * 50_000, "beyond all limits"),
        ('Sure!\n```json\n{"a": 1}\n```', "no valid JSON"),
        ('```json\n{"a": 1}\n```\n```json\n{"a": 2}\n```', "no valid JSON"),
    ],
)
def test_what_is_no_json_object_is_refused_in_words_that_hold_nothing_of_it(text, why):
    with pytest.raises(NotJSON, match=why):
        parse(text)


@given(st.text(max_size=60))
def test_any_text_is_an_object_or_not_json(text):
    with suppress(NotJSON):
        assert isinstance(parse(text), dict)


@given(
    st.dictionaries(
        st.text(string.ascii_letters + "\x00\ud800é", min_size=1, max_size=3).map(lambda key: f"{len(key)}{key}"),
        st.recursive(st.integers() | st.text(max_size=5), st.lists, max_leaves=5),
        max_size=1,
    )
)
def test_f48_every_object_comes_through_and_can_be_stored(value):
    found = parse(json.dumps(value))
    assert len(found) == len(value)
    assert "\\u0000" not in json.dumps(found)
    json.dumps(found, ensure_ascii=False).encode()
