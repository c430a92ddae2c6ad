"""The facts of a good answer are found however they are set, and never inside others."""

import pytest

from evals.answers import Answer
from evals.graders.must_include import must_include
from evals.grading import Outcome
from tests.evals.graders.given import case


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("$35", "We add a late fee of **$35**."),
        ("$35", "It is $35.00 in all."),
        ("12 months", "once in any 12\nmonths"),
        ("don't", "We don’t take cards."),
        (["12 months", "12-month"], "in any 12-month period"),
        ("35美元", "收取３５美元的滞纳金"),
        ("2年", "最近2年的报税表"),
        ("10 a.m.", "Published at 10 A.M."),
    ],
)
async def test_a_fact_is_found_however_it_is_set(fact, text):
    assert (await must_include(case(must_include=[fact]), Answer(text))).score == 1.0


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("$35", "The fee is $350."),
        ("$35", "The fee is $35.50."),
        ("$35", "The fee is $35.005."),
        ("$35", "It costs $35,000."),
        ("5 business days", "within 15 business days"),
        ("30 days", "within 30 day's notice"),
        ("2年", "12年"),
    ],
)
async def test_a_fact_is_not_found_inside_another(fact, text):
    grade = await must_include(case(must_include=[fact]), Answer(text))
    assert grade.score == 0.0
    assert grade.reason == f"lacks “{fact}”"


async def test_a_forbidden_fact_costs_the_point_even_when_the_rest_is_there():
    grade = await must_include(case(must_include=["$35"], must_not_include=["$20"]), Answer("$35 and $20"))
    assert (grade.score, grade.reason) == (0.0, "must not say “$20”")


async def test_it_abstains_from_a_case_without_facts():
    assert (await must_include(case(), Answer("anything"))).outcome is Outcome.ABSTAINED
