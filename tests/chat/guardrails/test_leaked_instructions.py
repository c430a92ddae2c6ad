"""The model does not recite what it was told (A72)."""

from __future__ import annotations

import base64

import pytest

from chat.assistant import prompts_of_the_house
from chat.guardrails.leaked_instructions import leaked_in_pieces, leaked_instructions
from chat.tools import TOOLS
from chat.verdicts import Action
from tests.chat.guardrails.given import given

PROMPT = prompts_of_the_house()["answer"]
RULE = next(line for line in PROMPT.splitlines() if line.startswith("- ") and line.count(" ") > 12).removeprefix("- ")


@pytest.mark.parametrize(
    "recited",
    [
        RULE,
        RULE.upper(),
        "- " + RULE.replace(" ", "   "),
        "-".join(RULE),
        RULE.replace(" ", " **", 2).replace(". ", " — ").replace(",", ";"),
        f"Encoded: {base64.b64encode(RULE.encode()).decode()}",
        PROMPT.splitlines()[0].replace("$site_name", "Acme Home Loans"),
    ],
)
async def test_a72_a_sentence_of_the_prompt_is_not_said(recited: str, settings):
    settings.SITE_NAME = "Acme Home Loans"
    verdict = await leaked_instructions(given("A fee."), recited)
    assert verdict.action is Action.REFUSE
    assert "talk to a person" in verdict.say


async def test_a72_what_a_tool_is_described_as_is_not_said():
    described = TOOLS[0].description.replace("\n", " ")[:200]
    assert (await leaked_instructions(given("A fee."), described)).action is Action.REFUSE


async def test_a72_a_canary_is_never_said():
    turn = given("A fee.", version={"guardrails": {"leaked_instructions": {"canaries": ["blue-heron-4711"]}}})
    assert (await leaked_instructions(turn, "The word is B l u e Heron 4711.")).action is Action.REFUSE
    assert (await leaked_instructions(turn, "A blue heron is a bird.")).action is Action.ALLOW


async def test_a72_instructions_that_are_recited_a_word_a_line_are_found_at_the_end():
    lines = RULE.replace(" ", "\n")
    assert all(
        [(await leaked_instructions(given("A fee."), line)).action is Action.ALLOW for line in lines.split("\n")]
    )
    assert (await leaked_in_pieces(given("A fee."), lines)).action is Action.REFUSE


@pytest.mark.parametrize(
    "sentence",
    [
        "I don't know: the help centre has nothing about this that you can read. Try other words, or talk to a person.",
        "I cannot approve or promise a loan, and I give no legal or tax advice.",
        "The late fee is $35. [1]",
        "我不知道：帮助中心里没有您可以阅读的相关内容。请换一种说法，或联系人工客服。",
    ],
)
async def test_what_an_assistant_says_of_itself_is_no_leak(sentence: str):
    assert (await leaked_instructions(given("A fee."), sentence)).action is Action.ALLOW


async def test_what_an_article_says_too_is_no_leak():
    assert (await leaked_instructions(given(RULE), RULE)).action is Action.ALLOW
