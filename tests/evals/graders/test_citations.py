"""Citations lead to sources, and what is stated has one near."""

from __future__ import annotations

import pytest

from evals.graders.citations import citations
from evals.grading import Outcome
from tests.evals.graders.given import RATES, case, reply, says

FEE = "A late fee of $35 is added on the 16th."


@pytest.mark.parametrize(
    "text",
    [
        f"{FEE} [1]",
        f"{FEE}[1] It can be waived once in 12 months.[1]",
        f"{FEE} It can be waived once in 12 months. Ask within 60 days of the fee. Then it is taken off. [1]",
        "These are the dates: [1]\n\n- due on the 1st\n- late after the 15th\n- a fee of $35 on the 16th",
        "These are the dates:\n\n- due on the 1st\n- a fee of $35 on the 16th\n\nPlease pay before that. [1]",
        "滞纳金是35美元。[1]",
        f"{FEE} [1,2]",
    ],
)
async def test_a_citation_near_each_figure_is_enough(text):
    assert await says(citations, case(), reply(text)) == (Outcome.SCORED, True, "")


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        (f"{FEE} [1][7]", "[7]"),
        (f"{FEE} [1; 9]", "[9]"),
        (f"{FEE} [1] Paper is free 【3†source】.", "【3†source】"),
        (f"{FEE} [1] See [^2].", "[^2]"),
    ],
)
async def test_a_citation_that_leads_nowhere_is_named(text, lost):
    outcome, passed, reason = await says(citations, case(), reply(text))
    assert (outcome, passed) == (Outcome.SCORED, False)
    assert f"leads nowhere: {lost}" in reason


async def test_facts_without_any_citation_are_not_accepted():
    assert await says(citations, case(), reply(FEE)) == (Outcome.SCORED, False, "states facts and cites nothing")


async def test_a_figure_far_from_any_citation_is_named():
    far = f"{FEE} [1]\n\nYou can pay by check. Write your name on it. Then send it.\n\nAn agent takes $7."
    _, passed, reason = await says(citations, case(), reply(far))
    assert (passed, reason) == (False, "a figure without a citation: “An agent takes $7.”")


async def test_what_was_looked_up_and_the_customers_own_figures_need_none():
    rate = reply("The 30-year fixed rate is 6.27% today.", lookups=(RATES,))
    assert await says(citations, case("what is the rate?"), rate) == (Outcome.SCORED, True, "")
    own = reply(f"{FEE} [1]\n\nOne.\n\nTwo.\n\nThree.\n\nYou said that you would pay $480 on the 20th.")
    assert await says(citations, case("I pay $480 on the 20th. What is the fee?"), own) == (Outcome.SCORED, True, "")


@pytest.mark.parametrize("text", ["I don't know: the help centre says nothing.", "Which loan do you mean?", ""])
async def test_an_answer_that_states_nothing_is_none_of_its_business(text):
    assert (await citations(case(), reply(text))).outcome is Outcome.ABSTAINED


async def test_neither_are_the_words_of_a_guardrail():
    assert (await citations(case(), reply(FEE, served_by="guardrail"))).outcome is Outcome.ABSTAINED
