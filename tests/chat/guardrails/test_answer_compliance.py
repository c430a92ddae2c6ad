"""What an answer must not say is said the way the admin wants it said."""

from __future__ import annotations

import pytest

from chat import guarding
from chat.assistant import Rule
from chat.guardrails.answer_compliance import answer_compliance
from tests.chat.guardrails.given import given, shown

SAY = "Only a loan officer can approve a loan."
RULE = Rule(name="no_promise", reads="answer", watch_for=("you will be approved", "guarantee~ * approval"), say=SAY)


@pytest.mark.parametrize("promise", ["You WILL be approved! ", "We guarantee you a quick approval. [1] "])
async def test_a_sentence_that_breaks_a_rule_becomes_the_rules_own(promise: str):
    assert await shown(answer_compliance, given("A.", version={"rules": (RULE,)}), promise) == f"{SAY} "


async def test_it_is_said_once_in_an_answer():
    turn = given("A.", version={"rules": (RULE,), "guardrails": {"answer_compliance": {}}})
    said = [await guarding.guard_sentence(turn, "You will be approved.\n\n") for _ in range(3)]
    assert said == [f"{SAY}\n\n", "\n\n", "\n\n"]


async def test_a_rule_for_questions_does_not_read_answers():
    turn = given("A.", version={"rules": (RULE.model_copy(update={"reads": "question"}),)})
    assert await shown(answer_compliance, turn, "You will be approved.") == "You will be approved."


async def test_other_sentences_stay():
    turn = given("A.", version={"rules": (RULE,)})
    assert await shown(answer_compliance, turn, "Your application will be read.") == "Your application will be read."
