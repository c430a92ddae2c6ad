"""One of the expected documents has to be cited."""

from evals.answers import Answer
from evals.graders.cites_source import cites_source
from evals.grading import Outcome
from tests.evals.graders.given import case


async def test_one_of_the_expected_sources_is_enough():
    expecting = case(expected_sources=["fees.html", "late-payments.md"])
    assert (await cites_source(expecting, Answer("…", cited=("late-payments.md",)))).score == 1.0


async def test_a_wrong_source_says_whether_search_or_the_model_missed_it():
    expecting = case(expected_sources=["fees.html"])
    overlooked = await cites_source(expecting, Answer("…", cited=("a.md",), found=("a.md", "fees.html")))
    unfound = await cites_source(expecting, Answer("…", cited=("a.md",), found=("a.md",)))
    assert (overlooked.score, overlooked.reason) == (0.0, "cites a.md instead of fees.html")
    assert (unfound.score, unfound.reason) == (0.0, "cites a.md; the search did not find fees.html")


async def test_it_abstains_when_none_is_expected():
    assert (await cites_source(case(), Answer("…"))).outcome is Outcome.ABSTAINED
