"""Cases are asked as their audience, a few at a time; what breaks is told and never scored."""

from __future__ import annotations

import asyncio

import pytest

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.runner import CaseResult, run
from knowledge.access import Audience
from tests.knowledge.shelves import shelve

pytestmark = pytest.mark.django_db(transaction=True)


def case(number: int = 1, audience: Audience = Audience.PUBLIC) -> Case:
    return Case(id=f"case-{number}", question="What is the fee?", language="en", audience=audience, expects="answer")


@grader(kind="rule")
async def liked(case: Case, answer: Answer) -> Grade:
    return Grade.scored(1.0)


@grader(kind="rule")
async def broken(case: Case, answer: Answer) -> Grade:
    raise KeyError("colour")


async def test_a_grader_that_breaks_leaves_the_case_unjudged():
    (result,) = await run([case()], graders={"liked": liked, "broken": broken})
    assert (result.was_judged, result.passed) == (False, False)
    assert result.reasons == ["broken: KeyError: 'colour'"]
    assert result.grades["broken"].score is None
    assert result.grades["liked"].score == 1.0


async def test_at_most_so_many_are_under_way_and_results_keep_the_order():
    under_way = most = 0
    heard: list[CaseResult] = []
    two_at_once = asyncio.Event()

    @grader(kind="rule")
    async def counts(case: Case, answer: Answer) -> Grade:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 2:
            two_at_once.set()
        await asyncio.wait_for(two_at_once.wait(), 20)  # answers take longer than a pause here would
        await asyncio.sleep(0.2 if case.id == "case-0" else 0.1)
        under_way -= 1
        return Grade.scored(1.0)

    cases = [case(number) for number in range(7)]
    results = await run(cases, graders={"counts": counts}, concurrency=2, on_result=heard.append)
    assert most == 2
    assert [result.case for result in results] == cases
    assert len(heard) == 7


async def test_each_case_sees_what_its_audience_may_read():
    await asyncio.to_thread(shelve, "The fee is $35.", title="Fees", audience="staff")
    asked = [case(1, Audience.PUBLIC), case(2, Audience.CUSTOMERS), case(3, Audience.STAFF)]
    results = await run(asked, graders={"liked": liked})
    assert [result.answer and result.answer.found for result in results] == [(), (), ("Fees.md",)]


async def test_a_model_that_fails_is_an_error_and_not_a_bad_answer(settings):
    await asyncio.to_thread(shelve, "The fee is $35.", title="Fees")
    settings.LLM_STRONG_MODEL = "fault-401"
    (result,) = await run([case()], graders={"liked": liked})
    assert (result.answer, result.error, result.was_judged) == (None, "no answer: provider_auth", False)
