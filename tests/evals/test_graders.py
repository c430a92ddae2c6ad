"""Graders give a score with a reason, or say that they have none."""

import pytest

from evals.answers import Answer
from evals.cases import Case
from evals.graders.cites_source import cites_source
from evals.graders.must_include import must_include
from evals.graders.says_unknown import says_unknown
from evals.grading import Outcome


def case(**fields: object) -> Case:
    return Case.model_validate(
        {"id": "a", "question": "?", "language": "en", "audience": "public", "expects": "answer", **fields}
    )


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("$35", "We add a late fee of **$35**."),
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


async def test_must_include_abstains_from_a_case_without_facts():
    assert (await must_include(case(), Answer("anything"))).outcome is Outcome.ABSTAINED


async def test_one_of_the_expected_sources_is_enough():
    expecting = case(expected_sources=["fees.html", "late-payments.md"])
    assert (await cites_source(expecting, Answer("…", cited=("late-payments.md",)))).score == 1.0


async def test_a_wrong_source_says_whether_search_or_the_model_missed_it():
    expecting = case(expected_sources=["fees.html"])
    overlooked = await cites_source(expecting, Answer("…", cited=("a.md",), found=("a.md", "fees.html")))
    unfound = await cites_source(expecting, Answer("…", cited=("a.md",), found=("a.md",)))
    assert (overlooked.score, overlooked.reason) == (0.0, "cites a.md instead of fees.html")
    assert (unfound.score, unfound.reason) == (0.0, "cites a.md; the search did not find fees.html")


async def test_cites_source_abstains_when_none_is_expected():
    assert (await cites_source(case(), Answer("…"))).outcome is Outcome.ABSTAINED


@pytest.mark.parametrize("text", ["I don’t know: there is nothing.", "No lo sé.", "我不知道。"])
async def test_not_knowing_is_heard_in_each_language(text):
    assert (await says_unknown(case(expects="unknown"), Answer(text))).score == 1.0
    assert (await says_unknown(case(expects="answer"), Answer(text))).score == 0.0


async def test_not_knowing_with_a_citation_is_neither_fish_nor_fowl():
    grade = await says_unknown(case(expects="unknown"), Answer("I don't know [1].", cited=("fees.html",)))
    assert (grade.score, grade.reason) == (0.0, "says that it does not know, but cites fees.html")


async def test_an_answer_to_an_unanswerable_question_costs_the_point():
    assert (await says_unknown(case(expects="unknown"), Answer("Her name is Ann."))).score == 0.0
