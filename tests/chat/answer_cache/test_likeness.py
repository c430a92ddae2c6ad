"""What forbids that a question gets the answer of others, and what is left to be learned."""

from __future__ import annotations

import pytest

from chat.answer_cache.alike import analyse
from chat.answer_cache.eligibility import OF_THE_MOMENT
from chat.answer_cache.likeness import Likeness, likeness
from tests.chat.answer_cache.test_alike import NEAR_MISSES, PARAPHRASES


def told(asked: str, *known: str) -> Likeness:
    return likeness(analyse(asked), [analyse(one) for one in known])


def test_no_near_miss_is_left_to_be_learned():
    """But for those of the moment, which are never looked up."""
    left = [
        pair
        for pair in NEAR_MISSES
        if not (told(pair["asked"], pair["saved"]).objection and told(pair["saved"], pair["asked"]).objection)
        and not (OF_THE_MOMENT.search(pair["asked"]) or OF_THE_MOMENT.search(pair["saved"]))
    ]
    assert left == []


def test_most_paraphrases_are():
    kept_apart = [pair for pair in PARAPHRASES if told(pair["asked"], pair["saved"]).objection]
    assert len(kept_apart) <= 0.1 * len(PARAPHRASES), kept_apart


@pytest.mark.parametrize(
    ("asked", "saved"),
    [
        ("How do I fix a leaky faucet?", "What is the way to repair a dripping tap at home?"),
        ("How do I become a pilot?", "What is the way to get to be a pilot some day?"),
        ("How do I learn Python?", "What is the best way to learn Python programming?"),
        ("How can I fall asleep faster?", "What can I do to get to sleep quickly?"),
    ],
)
def test_what_is_worded_otherwise_is_left_to_be_learned(asked: str, saved: str):
    found = told(asked, saved)
    assert found.objection == ""
    same, freely, unmatched, _kind = found.features
    assert (same, freely) == (0.0, 0.0)
    assert unmatched > 0


@pytest.mark.parametrize(
    ("asked", "saved", "objection"),
    [
        ("How do I turn autopay on?", "How do I turn autopay off?", "“deactivate” against “activate”"),
        ("Why do dogs howl at night?", "Why do dogs bark at night?", "“bark” against “howl”"),
        ("What is the best way to repair a tap in 3 steps?", "How do I fix a faucet in 5 steps?", "3"),
        ("What is the best way not to lose a loan?", "How do I go about getting a mortgage?", "“not”"),
        ("How do I get a loan for my home?", "When did others get loans for homes?", "“how” against “when”"),
    ],
)
def test_one_place_numbers_negation_and_what_is_asked_for_are_not(asked: str, saved: str, objection: str):
    assert objection in told(asked, saved).objection


def test_the_known_question_that_speaks_most_for_it_counts():
    found = told("How do I close my account?", "How do I open my account?", "how do i close my account")
    assert found == Likeness("", (1.0, 0.0, 0.0, 0.0))


def test_what_differs_among_them_may_differ_from_them():
    known = "Do you have a hotel in Rome?", "Do you have a hotel in Oslo?"
    assert told("Do you have a hotel in Lima?", *known) == Likeness("", (0.0, 1.0, 0.0, 0.0))
    assert told("Do you not have a hotel in Lima?", *known).objection
    assert told("Do you have a hotel in Lima?").objection == "nothing is known"
