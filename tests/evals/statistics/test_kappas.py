"""Of two judges beside the same people: the difference of their κ holds the truth, and few cases show little."""

from __future__ import annotations

import numpy as np
import pytest

from evals.statistics.agreement import agreement
from evals.statistics.kappas import kappa_difference

LABELS = ("good", "bad")
Words = list[tuple[str, str, str]]


def judged(n: int, first: float, second: float, seed: int = 1) -> Words:
    """People's, and two judges' who are right so often. What is hard is hard for both, mostly."""
    random = np.random.default_rng(seed)
    bad, hard, other, shared = random.random(n) < 0.3, random.random(n), random.random(n), random.random(n) < 0.6
    one = np.where(hard < first, bad, ~bad)
    two = np.where(np.where(shared, hard, other) < second, bad, ~bad)
    return [(LABELS[int(a)], LABELS[int(b)], LABELS[int(c)]) for a, b, c in zip(bad, one, two, strict=True)]


def test_the_figures_are_those_of_each_judge_by_itself():
    words = judged(200, 0.9, 0.8)
    found = kappa_difference(words, labels=LABELS)
    alone = [agreement([(word[0], word[judge]) for word in words], labels=LABELS) for judge in (1, 2)]
    assert found is not None
    kappas = [one.kappa.value for one in alone if one and one.kappa]
    assert [found.first, found.second] == pytest.approx(kappas)
    assert found.value == pytest.approx(kappas[1] - kappas[0])
    assert found.low < found.value < found.high < 0


def test_the_interval_holds_the_truth_as_often_as_it_says():
    far = kappa_difference(judged(200_000, 0.92, 0.88), labels=LABELS, clusters=[n % 50 for n in range(200_000)])
    assert far is not None
    found = [kappa_difference(judged(150, 0.92, 0.88, seed), labels=LABELS) for seed in range(2, 62)]
    held = sum(one.low <= far.value <= one.high for one in found if one)
    assert held >= 51  # of 60; 57 are expected


@pytest.mark.parametrize(("cases", "is_shown"), [(60, False), (300, True)])
def test_judges_that_never_differed_may_still_differ(cases: int, is_shown: bool):
    same = kappa_difference(judged(cases, 0.95, 0.95), labels=LABELS)
    alike = [(people, first, first) for people, first, _ in judged(cases, 0.95, 0.95)]
    found = kappa_difference(alike, labels=LABELS)
    assert found is not None
    assert same is not None
    assert found.value == 0
    assert found.low < 0 < found.high
    assert (found.low >= -0.05) is is_shown


def test_what_belongs_together_is_one_case_and_points_count_by_their_distance():
    words = [(a, b, c) for a, b, c in zip("12345" * 8, "12345" * 8, "22345" * 8, strict=True)]
    near = kappa_difference(words, labels=tuple("12345"), weights="quadratic", clusters=[n // 2 for n in range(40)])
    plain = kappa_difference(words, labels=tuple("12345"), clusters=[n // 2 for n in range(40)])
    assert near is not None
    assert plain is not None
    assert near.n == 20
    assert -0.1 < near.value < 0
    assert plain.value < -0.2


@pytest.mark.parametrize("words", [[], [("good", "good", "good")] * 20, [("good", "bad", "good")]])
def test_where_nothing_can_be_said_nothing_is(words: Words):
    assert kappa_difference(words, labels=LABELS) is None
