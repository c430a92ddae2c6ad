"""Answers that code reads: in whatever form the server can give them, and never unchecked."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

import llm
from llm import forms
from llm.database import in_database
from llm.errors import BadRequest, ContentFiltered, InvalidOutput, ProviderAuth, ProviderDown
from llm.models import Call
from llm.schemas import strict_schema
from llm.structured import IN_WORDS, LONGEST
from tests import standin
from tests.llm.conftest import END, HEAD, QUESTION, Serve, chunked, response, says

kept = pytest.mark.django_db(transaction=True)


class Person(BaseModel):
    name: str = Field(max_length=20)
    age: int | None
    mood: Literal["glad", "sad"] = "glad"


ADA = Person(name="Ada", age=36, mood="sad")
WRITTEN = ADA.model_dump_json()


@pytest.fixture(autouse=True)
def no_waits(settings):
    settings.LLM_RETRIES = 0
    forms.forget_all()


async def complete(**options: Any) -> Person:
    return await llm.complete(QUESTION, returns=Person, purpose="triage", **options)


def line(reply: dict[str, Any] | str, form: str = "json_schema", **expected: Any) -> dict[str, Any]:
    said = reply if isinstance(reply, dict) else {"text": reply}
    return {"expect": {"response_format": form, "stream": True, **expected}, "reply": said}


def forms_asked(wire: Any) -> list[str]:
    """The form that each request to a raw server wanted."""
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in wire.requests]
    return [body.get("response_format", {"type": "text"})["type"] for body in bodies]


def said_over_the_wire(text: str) -> list[bytes]:
    return [HEAD, says(json.dumps(text)[1:-1]), END]


async def test_a_server_that_knows_schemas_is_asked_for_one_and_gives_a_validated_object(settings):
    with standin.script(line(WRITTEN, seed=7, temperature=0.0)) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete(seed=7, temperature=0.0, max_tokens=50) == ADA
        asked = played.calls[0]
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert asked["response_format"]["json_schema"]["schema"] == strict_schema(Person)
    assert asked["max_completion_tokens"] == 50
    assert [message["role"] for message in asked["messages"]] == ["user"]


@pytest.mark.parametrize("status", [400, 404, 422, 500])
async def test_a_server_without_schemas_is_asked_for_json_and_not_for_a_schema_again(settings, status):
    refused = line({"status": status})
    in_words = line(WRITTEN, "json_object", contains=[IN_WORDS, '"mood"', "How do I close"])
    with standin.script(refused, in_words, in_words) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == ADA
        assert await complete() == ADA


async def test_a_server_without_json_mode_is_asked_in_words(settings):
    in_words = line(WRITTEN, "text", contains=IN_WORDS)
    with standin.script(line({"status": 400}), line({"status": 500}, "json_object"), in_words, in_words) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == ADA
        assert await complete() == ADA


async def test_a_server_may_have_learnt_schemas_after_a_while(settings, monkeypatch):
    with standin.script(line({"status": 400}), line(WRITTEN, "json_object"), line(WRITTEN)) as played:
        settings.LLM_SMALL_MODEL = played.model
        await complete()
        monkeypatch.setattr(forms, "monotonic", lambda: 10**9)
        await complete()


async def test_one_failure_of_a_server_that_has_given_schemas_is_not_held_against_it(settings):
    failed_once = (line({"status": 500}), line(WRITTEN, "json_object"))
    with standin.script(line(WRITTEN), *failed_once, line(WRITTEN)) as played:
        settings.LLM_SMALL_MODEL = played.model
        for _ in range(3):
            assert await complete() == ADA


@pytest.mark.parametrize(
    ("lacks", "form"),
    [(["json_schema"], "json_object"), (["small:json_schema", "json_object"], "text"), (["response_format"], "text")],
)
async def test_a_form_that_is_known_to_be_lacking_is_never_tried(settings, lacks, form):
    settings.LLM_LACKS = lacks
    with standin.script(line(WRITTEN, form)) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == ADA


async def test_an_answer_that_does_not_fit_is_shown_to_the_model_with_its_error(settings):
    wrong = '{"name": "Ada", "age": "old", "mood": "sad"}'
    shown = line(WRITTEN, contains=[wrong, "age: Input should be a valid integer", IN_WORDS], messages=4)
    with standin.script(line(wrong), shown) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == ADA
        assert [message["role"] for message in played.calls[1]["messages"]] == ["system", "user", "assistant", "user"]


@pytest.mark.parametrize(
    "wrong",
    [
        "The person is Ada.",
        f"Here it is: {WRITTEN}",
        f"{WRITTEN}\nAnything else?",
        '{"name": "Ada", "age": 36, "mood": "sad",}',
        '{"name": "Ada", "age": NaN, "mood": "sad"}',
        '{"name": "Ada", "name": "Eve", "age": 36, "mood": "sad"}',
        '{"name": "Ada", "age": 36',
        f"[{WRITTEN}]",
        '{"name": "Ada", "mood": "sad"}',
        '{"name": "a name of more than twenty letters", "age": 36, "mood": "sad"}',
        '{"name": "Ada", "age": 36, "mood": "angry"}',
        "[" * 5_000,
    ],
)
async def test_invalid_output_never_reaches_the_caller(settings, wrong):
    with standin.script({"reply": {"text": wrong}}, {"reply": {"text": wrong}}) as played:
        settings.LLM_SMALL_MODEL = played.model
        with pytest.raises(InvalidOutput) as caught:
            await complete()
    assert "Ada" not in str(caught.value)


@pytest.mark.parametrize("fenced", [f"```json\n{WRITTEN}\n```", f"```\n{WRITTEN}```", f"\ufeff\n {WRITTEN}\n "])
async def test_a_fence_around_the_object_is_forgiven(settings, fenced):
    with standin.script(line(fenced)) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == ADA


async def test_f48_what_json_smuggles_in_is_taken_out(settings):
    with standin.script(line('{"name": "A\\u0000d\\ud800a", "age": 36, "mo\\u0001od": "sad"}')) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == ADA


async def test_null_stands_for_a_field_that_is_left_out(settings):
    with standin.script(line('{"name": "Ada", "age": null, "mood": null}')) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == Person(name="Ada", age=None, mood="glad")


async def test_a_server_that_takes_a_schema_and_ignores_it_is_told_it_in_words_from_then_on(settings):
    with standin.script(line("It is Ada."), line(WRITTEN, "json_object"), line(WRITTEN, "json_object")) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == ADA
        assert await complete() == ADA


async def test_a_length_that_no_schema_tells_is_not_held_against_the_server(settings):
    wordy = WRITTEN.replace("Ada", "Ada" * 10)
    with standin.script(line(wordy), line(WRITTEN), line(WRITTEN)) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete() == ADA
        assert await complete() == ADA


async def test_an_object_that_was_cut_is_asked_for_with_more_room(settings):
    cut = {"text": WRITTEN[:9], "finish_reason": "length"}
    with standin.script(line(cut), line(WRITTEN, messages=1)) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert await complete(max_tokens=50) == ADA
        assert [call["max_completion_tokens"] for call in played.calls] == [50, 100]


@pytest.mark.parametrize(
    "reply", [{"refusal": "I cannot help with that."}, {"text": "{", "finish_reason": "content_filter"}]
)
async def test_a_refusal_is_no_invalid_answer_and_is_not_argued_with(settings, reply):
    with standin.script(line(reply)) as played:
        settings.LLM_SMALL_MODEL = played.model
        with pytest.raises(ContentFiltered):
            await complete()


async def test_an_answer_without_end_is_left(settings):
    endless = line('{"name": "' + "a" * (LONGEST + 4_000))
    with standin.script(endless, endless) as played:
        settings.LLM_SMALL_MODEL = played.model
        with pytest.raises(InvalidOutput, match="far too long"):
            await complete()
        assert len(str(played.calls[1]["messages"])) < 10_000


@kept
async def test_every_attempt_is_a_row_of_the_ledger_under_the_same_purpose(settings):
    lines = (line({"status": 400}), line("no", "json_object"), line(WRITTEN, "json_object"))
    with standin.script(*lines) as played:
        settings.LLM_SMALL_MODEL = played.model
        with llm.on_behalf_of("v3 1f2e3d4c"):
            await complete(seed=5)
    rows = await in_database(lambda: list(Call.objects.order_by("created_at")))
    assert [(row.purpose, row.alias, row.seed, row.version) for row in rows] == [
        ("triage", "small", 5, "v3 1f2e3d4c")
    ] * 3
    assert [row.outcome for row in rows] == ["failed", "done", "done"]
    assert [row.error_code for row in rows] == ["bad_request", "", ""]


@pytest.mark.parametrize(("model", "error"), [("fault-401", ProviderAuth), ("fault-503", ProviderDown)])
async def test_an_error_of_the_server_stays_what_it_is_and_is_not_a_question_of_form(settings, model, error):
    settings.LLM_SMALL_MODEL = f"{model}-{error.__name__}"
    calls = len(standin.calls(settings.LLM_SMALL_MODEL))
    with pytest.raises(error):
        await complete()
    assert len(standin.calls(settings.LLM_SMALL_MODEL)) == calls + 1


async def test_f01_a_server_that_takes_nothing_at_all_is_asked_in_each_form_and_nothing_is_learnt(settings):
    settings.LLM_SMALL_MODEL = "no-such-model"
    for _ in range(2):
        with pytest.raises(BadRequest):
            await complete()
    asked = [call["status"] for call in standin.calls("no-such-model")]
    assert asked == [404] * 6


async def test_a_server_that_breaks_on_a_schema_is_not_taken_for_one_that_is_down(settings):
    """Seen with a real server: 500 to json_schema. Five such calls would have opened the breaker."""
    settings.LLM_BREAKER_FAILURES = 2
    settings.LLM_RETRIES = 2
    lines = [part for _ in range(3) for part in (line({"status": 500}), line(WRITTEN, "json_object"))]
    with standin.script(*lines) as played:
        settings.LLM_SMALL_MODEL = played.model
        for _ in range(3):
            forms.forget_all()
            assert await complete() == ADA


async def test_a_bare_server_that_sends_neither_usage_nor_fingerprint_nor_done_will_do(serve: Serve):
    refusal = response("400 Bad Request", "content-type: application/json")
    fenced = f"```json\n{WRITTEN}\n```"
    wire = await serve([refusal], [refusal], said_over_the_wire(fenced))
    assert await complete(seed=1) == ADA
    assert forms_asked(wire) == ["json_schema", "json_object", "text"]


async def test_a_server_that_reports_the_schema_as_an_error_within_the_stream_is_asked_otherwise(serve: Serve):
    broken = [HEAD, chunked(b'data: {"error": {"message": "unknown grammar"}}\n\n', b"")]
    wire = await serve(broken, said_over_the_wire(WRITTEN))
    assert await complete() == ADA
    assert forms_asked(wire) == ["json_schema", "json_object"]
