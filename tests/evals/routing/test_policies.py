"""What a threshold costs and loses, on made-up trials whose truth is known."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from evals.routing.policies import (
    SMALL_FIRST,
    STRONG_ONLY,
    Value,
    frontier,
    oracle,
    propose,
    random_like,
    random_line,
    value_of,
)
from evals.routing.trials import Trial
from evals.statistics.paired import tango
from tests.evals.routing.simulated import SMALL, STRONG, alike_in_clusters, drawn_unequally, trials

MARGIN = 0.01
FOUR = [
    Trial(0.9, True, True, 0.0, 10, 100),  # a tie
    Trial(0.8, True, False, 1.0, 10, 100),  # held back: both are paid, nothing is lost
    Trial(0.7, True, True, 1.0, 10, 100),  # worse
    Trial(0.99, False, True, -1.0, 10, 100),  # a rule keeps it from the small model
]


def threshold_of(value: Value | None) -> float:
    assert value is not None
    assert value.threshold is not None
    return value.threshold


@pytest.fixture(scope="module")
def many():
    return trials(20_000, np.random.default_rng(1))


def test_costs_shares_and_regret_are_those_of_the_questions_that_the_small_model_answers():
    high = value_of(FOUR, 0.85)
    assert high == Value(0.85, 77.5, high.spared, high.regret, 0.25, 0.0, 4)
    assert high.spared == pytest.approx(0.225)
    middle = value_of(FOUR, 0.75)
    assert (middle.cost, middle.spared) == pytest.approx((80.0, 0.20))
    assert (middle.by_small, middle.held_back, middle.asked_of_small) == (0.25, 0.25, 0.5)
    assert middle.regret.value == 0
    low = value_of(FOUR, 0.7)
    assert (low.cost, low.regret.value, low.by_small) == pytest.approx((57.5, 0.25, 0.5))
    assert (-low.regret.high, -low.regret.low) == pytest.approx(tango(1, 0, 4))


def test_the_strong_model_alone_spares_nothing_and_surely_loses_nothing(many):
    alone = value_of(many, STRONG_ONLY)
    assert (alone.cost, alone.spared, alone.by_small, alone.held_back) == (STRONG, 0, 0, 0)
    assert (alone.regret.low, alone.regret.high) == (0, 0)


def test_no_trials_say_that_nothing_is_known():
    nothing = value_of([], 0.5)
    assert (nothing.n, nothing.cost, nothing.spared, nothing.regret.high) == (0, 0, 0, 1)
    assert propose([], 0.01) is None
    assert [value.n for value in (*frontier([]), *random_line([]), oracle([]), random_like([], nothing))] == [0] * 14
    assert all(value.regret.high == 1 for value in random_line([]))


def test_answers_that_cost_nothing_spare_nothing():
    free = [replace(trial, small_cost=0, strong_cost=0) for trial in FOUR]
    assert value_of(free, 0.7).spared == 0


def test_a_trial_that_stands_for_three_counts_as_three(many):
    some = many[:300]
    weighted = [replace(trial, weight=3.0 if n % 4 else 1.0) for n, trial in enumerate(some)]
    repeated = [trial for n, trial in enumerate(some) for _ in range(3 if n % 4 else 1)]
    heavy, long = value_of(weighted, 0.5), value_of(repeated, 0.5)
    for name in ("cost", "spared", "by_small", "held_back"):
        assert getattr(heavy, name) == pytest.approx(getattr(long, name))
    assert heavy.regret.value == pytest.approx(long.regret.value)
    assert heavy.regret.high > long.regret.high  # three times the same question is not three questions


def test_questions_of_one_cluster_say_less_than_as_many_that_are_independent():
    together = alike_in_clusters(150, np.random.default_rng(2))
    apart = [replace(trial, cluster="") for trial in together]
    assert value_of(together, 0).regret.half_width > 1.2 * value_of(apart, 0).regret.half_width


@pytest.mark.parametrize(
    ("draw", "truth", "n"),
    [
        (trials, None, 300),
        (alike_in_clusters, 0.04, 120),
        (drawn_unequally, 0.2 * 0.20 + 0.8 * 0.02, 400),
    ],
    ids=["one by one", "in clusters", "weighted"],
)
def test_the_interval_of_the_regret_holds_the_truth(draw, truth, n, many):
    truth = value_of(many, 0.4).regret.value if truth is None else truth
    random = np.random.default_rng(n)
    found = [value_of(draw(n, random), 0.4).regret for _ in range(400)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.93 <= held <= (1 if draw is drawn_unequally else 0.98)  # with weights it is on the safe side


def test_the_lower_the_threshold_the_more_is_asked_of_the_small_model(many):
    points = frontier(many[:2_000])
    assert 20 <= len(points) <= 51
    assert points[0] == value_of(many[:2_000], STRONG_ONLY)
    assert points[-1].asked_of_small == value_of(many[:2_000], SMALL_FIRST).asked_of_small
    assert all(threshold_of(a) > threshold_of(b) for a, b in pairwise(points))
    assert all(a.asked_of_small < b.asked_of_small for a, b in pairwise(points))


def test_costs_fall_with_the_threshold_where_every_answer_holds(many):
    points = frontier([replace(trial, holds=True) for trial in many[:2_000]])
    assert all(a.cost > b.cost for a, b in pairwise(points))


def test_a_small_model_whose_answers_never_hold_costs_more_than_none(many):
    points = frontier([replace(trial, holds=False) for trial in many[:500]])
    assert points[-1].spared == pytest.approx(-SMALL / STRONG * points[-1].asked_of_small)
    assert propose([replace(trial, holds=False) for trial in many], MARGIN) is None


def test_random_choice_goes_straight_from_strong_only_to_small_first(many):
    line = random_line(many)
    for point, end in ((line[0], value_of(many, STRONG_ONLY)), (line[-1], value_of(many, SMALL_FIRST))):
        assert point == replace(end, threshold=None)
    middle = line[len(line) // 2]
    assert middle.cost == pytest.approx((line[0].cost + line[-1].cost) / 2)
    assert middle.regret.high == pytest.approx(line[-1].regret.high / 2)


def test_random_choice_is_what_drawing_comes_to(many):
    policy = value_of(many, 0.6)
    share = policy.asked_of_small / value_of(many, SMALL_FIRST).asked_of_small
    drawn = np.random.default_rng(3).random(len(many)) < share
    by_lot = [replace(trial, ease=float(is_drawn)) for trial, is_drawn in zip(many, drawn, strict=True)]
    expected, found = random_like(many, policy), value_of(by_lot, 1.0)
    assert expected.asked_of_small == pytest.approx(policy.asked_of_small)
    assert expected.spared == pytest.approx(found.spared, abs=0.01)
    assert expected.regret.value == pytest.approx(found.regret.value, abs=0.004)


def test_signs_of_ease_that_say_something_beat_the_lot_and_the_oracle_beats_all(many):
    policy = value_of(many, 0.6)
    assert policy.regret.high < random_like(many, policy).regret.low
    assert policy.spared > random_like(many, policy).spared
    best = oracle(many)
    assert best.regret.value < 0
    assert best.held_back == 0
    assert best.regret.value <= min(point.regret.value for point in frontier(many))


def test_the_proposal_is_the_cheapest_that_surely_keeps_the_margin(many):
    found = propose(many, MARGIN)
    assert found == value_of(many, threshold_of(found))
    assert found.regret.high <= MARGIN
    cheaper = [point for point in frontier(many) if point.cost < found.cost * 0.97 and point.regret.high <= MARGIN]
    assert not cheaper
    assert threshold_of(propose(many, MARGIN / 2)) > threshold_of(found)
    assert value_of(many, SMALL_FIRST).regret.low > MARGIN  # so that there was something to keep


def test_few_trials_propose_nothing(many):
    assert propose(many[:60], MARGIN) is None


def test_what_is_proposed_keeps_the_margin_in_95_of_100_sets(many):
    """The thresholds are searched on the very trials that judge them: that must not make them look better."""
    known = frontier(many)[:0:-1]
    thresholds, regrets = [threshold_of(value) for value in known], [value.regret.value for value in known]
    random = np.random.default_rng(5)
    found = [propose(trials(700, random), MARGIN) for _ in range(250)]
    truths = np.interp([threshold_of(value) for value in found if value], thresholds, regrets)
    assert max(regrets) > MARGIN  # so that there is something to break
    assert len(truths) > 220  # and it is of use
    assert np.mean(truths > MARGIN) <= 0.05


def test_a_margin_of_nothing_cannot_be_kept():
    with pytest.raises(ValueError, match="margin"):
        propose(FOUR, 0)
