"""Shares and means with their intervals: known figures, and what may not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.statistics.intervals import Estimate, mean, proportion
from evals.statistics.resampling import REPLICATES, Sums, draws

scores = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0]), min_size=2, max_size=40)
outcomes = st.lists(st.sampled_from([0, 1]), min_size=1, max_size=40)


def near(estimate: Estimate | None, *figures: float, off_by: float = 5e-4) -> bool:
    assert estimate is not None
    return (estimate.value, estimate.low, estimate.high) == pytest.approx(figures, abs=off_by)


def test_wilsons_interval_is_that_of_the_literature():
    """Newcombe 1998, Statistics in Medicine 17, page 857, table I, method 3."""
    assert near(proportion(81, 263), 81 / 263, 0.2553, 0.3662)
    assert near(proportion(15, 148), 15 / 148, 0.0624, 0.1605)
    assert near(proportion(0, 20), 0.0, 0.0, 0.1611)
    assert near(proportion(1, 29), 1 / 29, 0.0061, 0.1718)


def test_no_cases_say_nothing():
    assert proportion(0, 0) is None
    assert mean([]) is None


def test_a_single_score_says_nothing_about_its_spread_but_a_single_case_that_passed_is_wide():
    assert mean([4.0]) is None
    assert mean([4.0, 5.0], clusters=["a", "a"]) is None
    assert near(mean([1]), 1.0, 0.2065, 1.0)


@given(outcomes)
def test_independent_cases_that_pass_or_fail_have_wilsons_interval(values):
    expected = proportion(sum(values), len(values))
    assert expected is not None
    assert near(mean(values), expected.value, expected.low, expected.high, off_by=1e-9)


def test_a_case_repeated_ten_times_over_is_still_one_case():
    once = mean([1, 1, 1, 0] * 10)
    repeated = mean(
        [outcome for outcome in [1, 1, 1, 0] * 10 for _ in range(10)], clusters=[n // 10 for n in range(400)]
    )
    assert once is not None
    assert repeated is not None
    assert repeated.n == once.n == 40
    assert repeated.half_width == pytest.approx(once.half_width, rel=0.05)


def test_the_mean_over_unequal_clusters_is_the_mean_of_all_values():
    found = mean([1, 1, 1, 1, 5], clusters=["a", "a", "a", "a", "b"], scale=(1, 5))
    assert found is not None
    assert found.value == pytest.approx(1.8)
    assert found.n == 2


def test_weights_give_back_what_sampling_took():
    """All 10 complaints and 10 of the other 90 turns are graded: Hájek's mean is that of all 100."""
    found = mean([1.0] * 10 + [5.0] * 10, weights=[1.0] * 10 + [9.0] * 10, scale=(1, 5))
    assert found is not None
    assert found.value == pytest.approx((10 * 1 + 90 * 5) / 100)


@given(scores, st.floats(0.01, 100))
def test_only_the_ratio_of_weights_matters(values, factor):
    weights = [1.0 + place % 3 for place in range(len(values))]
    one, other = mean(values, weights=weights), mean(values, weights=[factor * weight for weight in weights])
    assert one is not None
    assert near(other, one.value, one.low, one.high, off_by=1e-3)


@given(scores)
def test_a_cluster_for_each_case_changes_nothing(values):
    assert mean(values, scale=(1, 5)) == mean(values, clusters=[f"case {n}" for n in range(len(values))], scale=(1, 5))


@given(scores)
def test_the_interval_stays_on_the_scale_and_holds_the_value(values):
    found = mean(values, scale=(1, 5))
    assert found is not None
    assert 1 <= found.low <= found.value <= found.high <= 5
    assert found.low < found.high


@given(scores)
def test_turning_a_scale_round_turns_the_interval_round(values):
    one, other = mean(values, scale=(1, 5)), mean([6 - value for value in values], scale=(1, 5))
    assert one is not None
    assert near(other, 6 - one.value, 6 - one.high, 6 - one.low, off_by=0.02)


def test_scores_that_are_all_the_same_are_not_taken_for_certain():
    assert near(mean([1.0] * 30), 1.0, 0.8865, 1.0)
    assert near(mean([5.0] * 30, scale=(1, 5)), 5.0, 1 + 4 * 0.8865, 5.0, off_by=1e-3)


def test_seconds_and_dollars_have_no_scale():
    assert near(mean([0.0] * 30, scale=None), 0.0, 0.0, 0.0)
    assert near(mean([2.5] * 30), 2.5, 2.5, 2.5)


def test_the_same_values_give_the_same_interval_each_time():
    values = list(np.random.default_rng(0).exponential(1, 300))
    assert mean(values, scale=None) == mean(values, scale=None)


def test_very_many_cases_agree_with_the_bootstrap_of_fewer():
    values = np.random.default_rng(0).exponential(1, 6_000)
    many, fewer = mean(values, scale=None), mean(values[:5_000], scale=None)
    assert many is not None
    assert fewer is not None
    assert many.half_width == pytest.approx(fewer.half_width * (5 / 6) ** 0.5, rel=0.1)


@pytest.mark.parametrize(
    "given",
    [{"weights": [1.0, 0.0]}, {"weights": [1.0]}, {"clusters": ["a"]}],
    ids=["a weight of nothing", "too few weights", "too few clusters"],
)
def test_what_does_not_fit_is_refused(given):
    with pytest.raises(ValueError, match="every value needs"):
        mean([2.0, 3.0], **given)


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="has to be a number"):
        mean([2.0, float("nan")])


def test_draws_of_many_clusters_come_in_blocks_that_draw_each_time_as_many_as_there_are():
    for n in (3, 1_200):
        blocks = list(draws(n))
        assert sum(len(block) for block in blocks) == REPLICATES
        assert all((block.sum(1) == n).all() for block in blocks)


def test_the_standard_error_of_single_values_is_the_usual_one():
    values = np.random.default_rng(0).normal(0, 1, 50)
    assert Sums.of(values).error == pytest.approx(values.std(ddof=1) / 50**0.5)
