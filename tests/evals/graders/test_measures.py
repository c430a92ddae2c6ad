"""Time and money are held against limits that the operator sets."""

from evals.graders.cost import cost
from evals.graders.latency import latency
from evals.grading import Outcome
from tests.evals.graders.given import case, reply, says


async def test_an_answer_in_time_and_within_its_price_is_liked(settings):
    settings.EVALS_FIRST_WORD_SECONDS, settings.EVALS_ANSWER_SECONDS, settings.EVALS_ANSWER_CENTS = 2, 10, 1
    quick = reply("…", first_word_after=2.0, whole_after=10.0, dollars=0.01)
    assert await says(latency, case(), quick) == (Outcome.SCORED, True, "")
    assert await says(cost, case(), quick) == (Outcome.SCORED, True, "")


async def test_what_is_too_late_or_too_dear_is_said(settings):
    settings.EVALS_FIRST_WORD_SECONDS, settings.EVALS_ANSWER_SECONDS, settings.EVALS_ANSWER_CENTS = 2, 10, 1
    slow = reply("…", first_word_after=2.5, whole_after=12.0, dollars=0.0123)
    assert (
        await latency(case(), slow)
    ).reason == "first word after 2.5 s, at most 2 s; whole answer after 12.0 s, at most 10 s"
    assert (await cost(case(), slow)).reason == "1.23 cents, at most 1"
    late_end = reply("…", first_word_after=0.5, whole_after=12.0)
    assert (await latency(case(), late_end)).reason == "whole answer after 12.0 s, at most 10 s"


async def test_what_was_not_measured_is_not_graded():
    assert (await latency(case(), reply("…"))).outcome is Outcome.ABSTAINED
    assert (await cost(case(), reply("…", dollars=None))).outcome is Outcome.ABSTAINED
