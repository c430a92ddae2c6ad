"""How easy a question looks: more of a sign of ease never makes it look harder."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from chat.assistant import Ease
from chat.model_choice.signals import ease_of, signals_of
from chat.understanding import Understood
from knowledge.search import Found, Passage
from tests.chat.model_choice.test_rules import asked, understood

NAMES = sorted(set(Ease.model_fields) - {"bias"})
share = st.floats(0, 1)
signals = st.fixed_dictionaries(dict.fromkeys(NAMES, share))
weights = st.builds(Ease, bias=st.floats(-20, 20), **dict.fromkeys(NAMES, st.floats(0, 20)))


def found(*scores: tuple[str, float]) -> Found:
    """Passages of documents by a letter, with their scores."""
    return Found(
        tuple(
            Passage(n, uuid.UUID(int=ord(name)), 1, name, "", None, "…", score)
            for n, (name, score) in enumerate(scores)
        )
    )


@given(signals, weights, st.sampled_from(NAMES), share)
def test_more_of_a_sign_never_makes_a_question_harder(given_signals, given_weights, name, more):
    easier = given_signals | {name: max(more, given_signals[name])}
    assert ease_of(easier, given_weights) >= ease_of(given_signals, given_weights)


@given(st.lists(st.tuples(st.sampled_from("abc"), share), max_size=6), st.text(max_size=1_000))
def test_every_sign_is_between_none_and_all(scores, question):
    read = signals_of(asked(question), found(*scores))
    assert sorted(read) == NAMES
    assert all(0 <= value <= 1 for value in read.values())
    assert 0 <= ease_of(read, Ease()) <= 1


def test_each_sign_says_what_its_name_says():
    read = signals_of(asked("How?" * 20), found(("a", 0.8), ("a", 0.7), ("b", 0.61), ("c", 0.2)))
    assert read == {"triage": 0.5, "best": 0.8, "lead": 0.2375, "agreement": 0.6667, "short": 0.8}


def test_what_triage_says_counts_and_silence_is_half():
    told: list[Understood | None] = [understood("hard"), None, understood("easy")]
    assert [signals_of(asked(understood=one), found())["triage"] for one in told] == [0, 0.5, 1]


def test_by_the_defaults_a_good_passage_is_enough_and_a_middling_one_needs_triage():
    def ease(best: float, triage: float = 0.5) -> float:
        return ease_of({"triage": triage, "best": best, "lead": 0.1, "agreement": 0.5, "short": 0.85}, Ease())

    assert ease(0.4, triage=1) < 0.6
    assert ease(0.5) < 0.6 <= ease(0.5, triage=1)
    assert ease(0.7) >= 0.6
    assert ease(0.9, triage=0) >= 0.6
