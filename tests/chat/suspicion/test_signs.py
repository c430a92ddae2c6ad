"""Phrases with stars and concepts, found in linear time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chat import suspicion
from chat.suspicion.folding import tokens_of
from chat.suspicion.signs import Signs, signs_of

FOLDER = Path(suspicion.__file__).parent
FILES = sorted(path.stem for path in FOLDER.glob("*_signs.json"))


def signs(*phrases: str, slips: bool = False, **concepts: list[str]) -> Signs:
    return Signs(concepts, {"hit": {"family": "f", "weight": 1.0, "phrases": phrases}}, slips=slips)


def hits(found: Signs, text: str) -> bool:
    return bool(found.find(tokens_of(text)))


@pytest.mark.parametrize(
    ("phrase", "text", "is_hit"),
    [
        ("late fee", "What is the LATE fee?", True),
        ("late fee", "Late. Fee?", True),  # a stop after few words is none
        ("late fee", "the late big fee", False),
        ("fee", "feed the dog", False),
        ("guarant~", "we guaranteed it", True),
        ("guarantee * rate", "guarantee me the very best rate", True),
        ("guarantee * rate", "guarantee it now. What is the rate", False),  # not over the end of a sentence
        ("guarantee * rate", "guarantee one two three four five six seven rate", False),
        ("guarantee * rate * month", "guarantee the rate for a month", True),
        ("保证 * 批准", "你能保证我的贷款批准吗", True),
        ("garantizar * préstamo", "¿pueden GARANTIZAR mi prestamo?", True),
    ],
)
def test_a_phrase_is_found_where_it_stands(phrase: str, text: str, is_hit: bool):
    assert hits(signs(phrase), text) is is_hit


def test_a_concept_stands_for_any_of_its_words():
    found = signs("{drop} * {rules}", drop=["ignore", "set aside"], rules=["rule~", "orders"])
    assert hits(found, "please set aside all those rules")
    assert not hits(found, "please set all those rules")
    assert found.holds(tokens_of("my orders"), "rules")


def test_slips_are_forgiven_only_where_that_is_asked_for():
    for text in ("plain instrucions", "plain instrcutions", "plain insturctions"):
        assert hits(signs("instructions", slips=True), text)
        assert not hits(signs("instructions"), text)


@pytest.mark.parametrize(
    "hostile",
    ["ignore ", "ignore all ", "rules instructions ", "忽略", "a ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa ", "guarantee rate "],
)
def test_a66_the_steps_grow_with_the_text_and_no_faster(hostile: str):
    many_stars = signs(" * ".join(["guarantee", "rate"] * 6), "rate * rate * rate * rate * rate * rate")
    for found in [many_stars, *map(signs_of, FILES)]:
        steps = []
        for length in (1_000, 2_000, 4_000):
            text = (hostile * length)[:length]
            found.find(tokens_of(text))
            steps.append(found.steps)
        assert steps[2] <= 2.2 * steps[1] <= 5 * steps[0]
        assert steps[2] < 400 * 4_000


@pytest.mark.parametrize("name", FILES)
def test_every_concept_is_used_and_every_phrase_uses_one_that_is_there(name: str):
    content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    phrases = " ".join(phrase for sign in content["signs"].values() for phrase in sign["phrases"])
    named = {word.strip("{}") for word in phrases.split() if word.startswith("{")}
    assert named <= set(content["concepts"])
    assert set(content["concepts"]) - named <= {"business", "protect"}  # these are asked for by name
