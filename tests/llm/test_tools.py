"""Tools: what a model is offered, and which of its arguments are taken."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

import llm
from llm import InvalidArguments
from llm.standin import schemas


@llm.tool(label="the weather")
async def get_weather(
    city: Annotated[str, Field(max_length=30)],
    days: Annotated[int, Field(ge=1, le=7, description="How many days ahead")] = 1,
    unit: Literal["C", "F"] | None = None,
    since: date | None = None,
    *,
    viewer: str = "",
) -> str:
    """Tell the weather of a city."""
    return f"{city} {days} {unit} {since} for {viewer}"


def test_the_schema_comes_from_signature_and_docstring(settings):
    function = get_weather.schema["function"]
    assert (function["name"], function["description"]) == ("get_weather", "Tell the weather of a city.")
    parameters = function["parameters"]
    assert list(parameters["properties"]) == ["city", "days", "unit", "since"]
    assert parameters["required"] == ["city"]
    assert parameters["additionalProperties"] is False
    assert parameters["properties"]["days"]["maximum"] == 7
    assert schemas.problem_of_parameters(parameters, strict=False) is None


def test_who_asks_is_no_argument_that_a_model_could_give():
    assert "viewer" not in json.dumps(get_weather.schema)
    with pytest.raises(InvalidArguments, match="viewer"):
        get_weather.parse('{"city": "Rome", "viewer": "somebody else"}')


@pytest.mark.parametrize("has_arguments", [True, False])
def test_a_server_that_is_strict_gets_a_schema_of_its_subset(settings, has_arguments: bool):
    @llm.tool
    async def list_cities() -> str:
        """List them."""
        return ""

    settings.LLM_STRICT_TOOLS = True
    function = (get_weather if has_arguments else list_cities).schema["function"]
    assert function["strict"] is True
    assert schemas.problem_of_parameters(function["parameters"], strict=True) is None


async def test_what_is_checked_is_what_the_function_gets():
    arguments = get_weather.parse('{"city": " Rome ", "days": "3", "since": "2026-01-31"}')
    assert arguments == {"city": "Rome", "days": 3, "unit": None, "since": date(2026, 1, 31)}
    assert await get_weather.call(arguments, viewer="Ann", key="unwanted") == "Rome 3 None 2026-01-31 for Ann"


def test_a_null_for_what_has_a_default_is_the_default():
    assert get_weather.parse('{"city": "Rome", "days": null, "unit": null}')["days"] == 1


def test_arguments_survive_being_kept_as_json():
    arguments = get_weather.parse('{"city": "Rome", "since": "2026-01-31"}')
    kept = get_weather.as_json(arguments)
    assert kept == {"city": "Rome", "days": 1, "unit": None, "since": "2026-01-31"}
    assert get_weather.parse(json.dumps(kept)) == arguments


def test_each_text_is_read_before_it_is_checked():
    @llm.tool
    async def send(to: Annotated[str, Field(pattern="@")], names: list[str]) -> None:
        """Send."""

    read = {"[EMAIL_1]": "ann@example.com"}
    arguments = send.parse('{"to": "[EMAIL_1]", "names": ["[EMAIL_1]"]}', lambda text: read.get(text, text))
    assert arguments == {"to": "ann@example.com", "names": ["ann@example.com"]}


def test_f48_nul_and_lone_surrogates_are_taken_out_of_arguments():
    assert get_weather.parse('{"city": "Ro\\u0000me\\ud800"}')["city"] == "Rome"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "city: Field required"),
        ("{", "JSON"),
        ("[]", "no object"),
        ('"Rome"', "no object"),
        ("{}", "city: Field required"),
        ('{"city": 7}', "city: Input should be a valid string"),
        ('{"city": "Rome", "days": 8}', "days: Input should be less than or equal to 7"),
        ('{"city": "Rome", "days": "many"}', "days"),
        ('{"city": "Rome", "unit": "K"}', "unit"),
        ('{"city": "Rome", "sql": "x"}', "sql: Extra inputs are not permitted"),
        ('{"city": "Rome", "city": "Oslo"}', "twice"),
        ('{"city": "Rome", "days": NaN}', "NaN"),
        ('{"city": "' + "x" * 31 + '"}', "at most 30"),
        ("[" * 10_000, "JSON"),
        ('{"city": "Rome", "days": ' + "9" * 10_000 + "}", "JSON beyond all limits"),
        ('{"city": "' + "x" * 1_000_000 + '"}', "longer than 20000 characters"),
        ('{"' + "x" * 15_000 + '": 1}', "city: Field required"),
    ],
)
def test_f12_what_does_not_fit_is_refused_in_words_that_a_model_can_use(arguments: str, says: str):
    with pytest.raises(InvalidArguments) as refusal:
        get_weather.parse(arguments)
    assert says in str(refusal.value)
    assert len(str(refusal.value)) <= 500


def test_a33_an_address_is_no_text_that_a_typed_id_takes():
    @llm.tool
    async def read_document(number: Annotated[int, Field(ge=1)]) -> str:
        """Read one."""
        return ""

    for written in ("http://169.254.169.254/", "file:///etc/passwd", "1 OR 1=1"):
        with pytest.raises(InvalidArguments):
            read_document.parse(json.dumps({"number": written}))


async def sync_enough(x: int) -> None: ...


async def untyped(x) -> None:
    """Do."""


async def open_ended(**rest: int) -> None:
    """Do."""


def not_async(x: int) -> None:
    """Do."""


async def long_winded() -> None: ...


long_winded.__doc__ = "word " * 300


async def NamedBadly() -> None:
    """Do."""


@pytest.mark.parametrize("function", [sync_enough, untyped, open_ended, not_async, long_winded, NamedBadly])
def test_a_function_that_no_model_could_use_is_refused_when_it_is_declared(function: Any):
    with pytest.raises(TypeError):
        llm.tool(function)


def test_what_changes_something_must_take_a_key():
    async def pay(amount: int) -> None:
        """Pay."""

    with pytest.raises(TypeError, match="key"):
        llm.tool(effect="write")(pay)
