"""A figure stands in what is cited, was looked up, or was said; or it follows from such figures."""

from __future__ import annotations

import pytest

from evals.graders.figures import figures
from evals.grading import Outcome
from tests.evals.graders.given import RATES, case, reply, says

SHORT = case("got a letter that my escrow is short $480, over 12 months. what is that a month?")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (case(), "The late fee is $35, on the 16th. [1]"),
        (case(), "You have two weeks after the due date. [1]"),
        (case(), "The late fee is thirty-five dollars. [1]"),
        (case(), "到期日是每月1日，16日收取35美元。[1]"),
        (SHORT, "Over 12 months that is $40 a month. [1]"),
        (case("I owe 2 late fees of $35"), "Together that is $70. [1]"),
        (case(), "1. Sign in.\n2. Open Messages.\n3. Ask for a waiver. [1]"),
    ],
)
async def test_figures_of_the_sources_and_what_follows_from_them_are_fine(asked, text):
    assert await says(figures, asked, reply(text)) == (Outcome.SCORED, True, "")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("The late fee is $29, 14 days after the 15th. [1]", "$29"),  # 14 + 15, and no sum of dollars
        ("We add $35 on the 20th if it is not here by the 15th. [1]", "20th"),  # 35 - 15, and no date
        ("The late fee is $7. [1]", "$7"),  # of the passage that is not cited
        ("The fee is 35% of the payment. [1]", "35%"),
        ("Call 1-800-555-0199. [1]", "1-800-555-0199"),
        ("Write to fees@acme.example. [1]", "fees@acme.example"),
        ("You have until 9:30 a.m. [1]", "9:30 a.m."),
    ],
)
async def test_a_figure_that_stands_nowhere_is_named_with_its_sentence(text, unknown):
    outcome, passed, reason = await says(figures, case(), reply(text))
    assert (outcome, passed) == (Outcome.SCORED, False)
    assert reason.startswith(f"stands in no source: {unknown}")
    assert text.removesuffix(" [1]") in reason


async def test_a_looked_up_rate_may_be_rounded_and_not_changed():
    def told(rate: str):
        return says(figures, case("what is the rate today?"), reply(f"The rate is {rate} today.", lookups=(RATES,)))

    assert (await told("6.27%"))[1] is True
    assert (await told("about 6.3%"))[1] is True
    assert (await told("6.72%"))[1] is False


async def test_without_citations_all_passages_count_for_another_grader_says_that_they_are_missing():
    assert (await figures(case(), reply("An agent takes $7."))).passed


async def test_it_abstains_from_what_no_model_wrote():
    assert (await figures(case(), reply("Call 911.", served_by="guardrail"))).outcome is Outcome.ABSTAINED
