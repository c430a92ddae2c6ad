"""How guardrails are run: in which order, what they read, and what happens when one breaks."""

from __future__ import annotations

from typing import Any

import pytest

from chat import guarding
from chat.assistant import Assistant, Version, prompts_of_the_house
from chat.context import Turn
from chat.verdicts import Action, Guardrail, Verdict, guardrail
from knowledge.access import Viewer


@guardrail(reads="question", prepares=True)
async def whispers(turn: Turn, text: str) -> Verdict:
    return Verdict.rewrite(text.lower(), "in small letters")


@guardrail(reads="question")
async def no_shouting(turn: Turn, text: str) -> Verdict:
    return Verdict.refuse("it shouts", say="Please do not shout.") if text.isupper() else Verdict.allow()


@guardrail(reads="question")
async def one_word_less(turn: Turn, text: str) -> Verdict:
    return (
        Verdict.rewrite(text.rpartition(" ")[0], "a word less", say="I left out a word.") if " " in text else Verdict()
    )


@guardrail(reads="question", prepares=True)
async def breaks_first(turn: Turn, text: str) -> Verdict:
    raise ValueError("no")


@guardrail(reads="question")
async def breaks(turn: Turn, text: str) -> Verdict:
    raise ValueError("no")


def turn(question: str, *checks: Guardrail) -> Turn:
    on: dict[str, dict[str, Any]] = {check.name: {} for check in checks}
    return Turn(question, Viewer(), Version(0, Assistant(prompts=prompts_of_the_house(), guardrails=on)))


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "INPUT_GUARDRAILS", (whispers, breaks_first, no_shouting, one_word_less, breaks))


async def ask(asked: Turn) -> Verdict:
    await guarding.prepare(asked)
    return await guarding.judge_question(asked)


async def test_judges_read_what_those_that_prepare_have_made_of_the_question():
    asked = turn("HELLO", whispers, no_shouting)
    assert (await ask(asked)).action is Action.ALLOW
    assert asked.asked == "hello"


async def test_what_a_version_switches_off_is_not_run():
    with pytest.raises(guarding.Stopped) as stopped:
        await ask(turn("HELLO", no_shouting))
    assert (stopped.value.by, stopped.value.verdict.say) == ("no_shouting", "Please do not shout.")
    assert (await ask(turn("HELLO"))).action is Action.ALLOW


async def test_a_rewritten_question_is_judged_again_and_refused_if_it_is_still_not_allowed():
    asked = turn("two words", one_word_less)
    assert (await ask(asked)).say == "I left out a word."
    assert asked.asked == "two"
    with pytest.raises(guarding.Stopped):
        await ask(turn("three words here", one_word_less))


async def test_the_question_goes_nowhere_when_one_that_prepares_it_breaks():
    with pytest.raises(guarding.Stopped) as stopped:
        await ask(turn("hello", breaks_first))
    assert stopped.value.by == "breaks_first"


async def test_another_that_breaks_stops_nothing_and_is_noted():
    asked = turn("hello", breaks)
    assert (await ask(asked)).action is Action.ALLOW
    assert [(found["guardrail"], found["reason"]) for found in asked.findings] == [("breaks", "it broke")]
