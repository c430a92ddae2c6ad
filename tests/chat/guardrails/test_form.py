"""An answer is not empty, not endless, and says nothing three times."""

from __future__ import annotations

import pytest

from chat.assistant import Rule
from chat.context import Draft, Lookup
from chat.guardrails.form import form
from chat.verdicts import Action
from tests.chat.guardrails.given import LATE_FEES, given, shown

LOOP = "You should open Settings and choose it. "
CUT = {"guardrail": "figures", "action": "rewrite", "reason": "", "count": 1}


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("How much is it?", "I don't know"),
        ("¿Cuánto cuesta pagar tarde la hipoteca?", "No lo sé"),
        ("滞纳金是多少钱？", "我不知道"),
    ],
)
@pytest.mark.parametrize("empty", ["", " \n\n"])
async def test_an_empty_answer_becomes_not_knowing(question: str, says: str, empty: str):
    assert (await shown(form, given(LATE_FEES, question=question), empty)).startswith(says)


@pytest.mark.parametrize("rest", ["Hello! ", "Here is what I found:\n\n", "1.\n", "Is there anything else?"])
async def test_what_is_left_of_an_answer_without_its_statements_becomes_not_knowing(rest: str):
    assert (await shown(form, given(LATE_FEES, findings=[CUT]), rest)).startswith("I don't know")
    assert await shown(form, given(LATE_FEES), rest) == rest


async def test_what_a_rule_has_put_there_is_an_answer():
    rule = Rule(name="no_promise", watch_for=("guaranteed",), say="Only a loan officer can approve a loan.")
    turn = given(LATE_FEES, version={"rules": (rule,)}, findings=[CUT])
    assert await shown(form, turn, "Hello! Only a loan officer can approve a loan.") != ""
    assert (await form(turn, "Hello! Only a loan officer can approve a loan.")).action is Action.ALLOW


async def test_a_continued_answer_and_a_card_may_have_nothing_to_add():
    assert await shown(form, given(LATE_FEES, draft=Draft("So far.", ())), "") == ""
    assert await shown(form, given(LATE_FEES, lookups=[Lookup("open_ticket", {}, "", "")]), "") == ""


async def test_a_loop_is_cut_where_it_begins_to_say_the_same_for_the_third_time():
    assert await shown(form, given(LATE_FEES), "First. " + LOOP * 40) == ("First. " + LOOP * 2).rstrip()
    again = "| yes | no |\n" * 2 + "- Yes.\n" * 9 + LOOP
    assert await shown(form, given(LATE_FEES), again) == again


async def test_an_endless_answer_ends_with_a_whole_sentence():
    turn = given(LATE_FEES, version={"guardrails": {"form": {"longest": 100}}})
    text = "".join(f"Sentence number {n} is here. " for n in range(20))
    assert await shown(form, turn, text) == text[: text.index("Sentence number 3")].rstrip()


async def test_an_answer_in_another_language_is_noted_and_shown():
    answer = "Se cobra un recargo cuando el pago llega después del día quince del mes en curso."
    verdict = await form(given(LATE_FEES, question="How much is the late fee of my mortgage?"), answer)
    assert (verdict.action, verdict.reason) == (Action.ALLOW, "asked in en, answered in es")
    assert (await form(given(LATE_FEES, question="¿Cuánto cuesta pagar tarde la hipoteca?"), answer)).reason == ""
