"""The record: what it takes, and a hash that stands for its content."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chat.assistant import Assistant, Version, neat
from chat.versions.code_news import hashes_of, news
from chat.versions.states import house
from tests.chat.versioning import changed, with_prompt


def test_the_same_content_has_the_same_hash_in_whatever_order():
    content = house().model_dump(mode="json")
    backwards = json.loads(json.dumps(content))
    backwards["prompts"] = dict(reversed(backwards["prompts"].items()))
    assert Assistant.model_validate(dict(reversed(backwards.items()))).hash == house().hash


def test_any_change_is_another_hash():
    others = [
        with_prompt("Other words."),
        changed(examples=[{"question": "Who are you?", "answer": "The assistant."}]),
        changed(answer=house().answer.model_copy(update={"temperature": 0.3})),
        changed(retrieval={"passages": 7}),
        changed(model_choice={"easy": "small"}),
        house().model_copy(update={"prompts": {"answer": "x"}}),
    ]
    hashes = {one.hash for one in [*others, house()]}
    assert len(hashes) == len(others) + 1


def test_nothing_can_be_set_on_a_record():
    with pytest.raises(ValidationError, match="frozen"):
        house().tools = ()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"answer": {"temperature": 3}}, "less than or equal to 2"),
        ({"answer": {"temperature": float("nan")}}, "less than or equal to 2"),
        ({"retrieval": {"passages": 0}}, "greater than or equal to 1"),
        ({"answer": {"alias": "embedding"}}, "strong"),
        ({"prompts": {"answer": "   "}}, "at least 1"),
        ({"examples": [{"question": "\x00", "answer": "a"}]}, "at least 1"),
        ({"guardrails": {"length": {"limit": float("inf")}}}, "not JSON compliant"),
        ({"surprise": 1}, "Extra inputs"),
    ],
)
def test_what_is_out_of_bounds_is_refused(fields: dict[str, object], words: str):
    with pytest.raises(ValidationError, match=words):
        changed(**fields)


@given(st.text())
def test_f48_a_neat_text_holds_no_control_characters_and_stays_as_it_is(text: str):
    once = neat(text)
    assert neat(once) == once
    assert not any(character < " " and character not in "\n\t" for character in once)
    assert "\r" not in once


def test_f48_prompts_and_settings_are_cleaned():
    cleaned = changed(
        prompts={"unknown": "No\x00 idea.\r\n\r\nAsk  \r\n"}, guardrails={"length": {"wo\x00rds": "a\x07b"}}
    )
    assert cleaned.prompts == {"unknown": "No idea.\n\nAsk"}
    assert cleaned.guardrails == {"length": {"words": "ab"}}


def test_a_label_keeps_the_hash_of_its_row():
    assert Version(3, house()).label == f"v3 {house().hash[:8]}"
    assert Version(3, house(), 1, "abcdef0123456789").label == "v3 abcdef01"


# ── What the code brings after an upgrade ──


def test_an_upgrade_brings_its_parts_and_leaves_what_people_changed():
    before = changed(prompts={"answer": "A", "unknown": "U"}, guardrails={"length": {}}, tools=["rates"])
    live = before.model_copy(update={"prompts": {"answer": "mine", "unknown": "U"}, "tools": ()})
    code = before.model_copy(
        update={
            "prompts": {"answer": "A2", "unknown": "U2", "triage": "T"},
            "guardrails": {"length": {}, "links": {}},
            "tools": ("rates", "tickets"),
        }
    )
    found = news(live, since=hashes_of(before), code=code)
    assert found.taken == ("prompt unknown", "prompt triage", "guardrail links", "tool tickets")
    assert found.kept == ("prompt answer",)
    assert found.merged.prompts == {"answer": "mine", "unknown": "U2", "triage": "T"}
    assert found.merged.guardrails == {"length": {}, "links": {}}
    assert found.merged.tools == ("tickets",), "what people switched off stays off"


def test_without_an_upgrade_nothing_is_new_however_much_people_changed():
    live = with_prompt("mine").model_copy(update={"guardrails": {}, "tools": ()})
    found = news(live, since=hashes_of(house()), code=house())
    assert (found.taken, found.kept, found.merged.hash) == ((), (), live.hash)
