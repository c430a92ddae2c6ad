"""The scores of one time against those of another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.statistics.drift import drift_of

outcomes = st.lists(st.sampled_from([0, 1]), min_size=1, max_size=60)


def test_the_interval_is_that_of_the_literature():
    """Newcombe 1998, Statistics in Medicine 17, page 873, table II, method 10: 56/70 - 48/80 and 10/10 - 0/10."""
    found, extreme = drift_of([1] * 48 + [0] * 32, [1] * 56 + [0] * 14), drift_of([0] * 10, [1] * 10)
    assert found is not None
    assert extreme is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=0.00005)
    assert (extreme.low, extreme.high) == pytest.approx((0.6075, 1.0), abs=0.00005)
    assert (found.n_earlier, found.n_later, found.n) == (80, 70, 150)


@given(outcomes, outcomes)
def test_p_is_under_five_percent_exactly_when_the_interval_leaves_out_zero(earlier, later):
    found = drift_of(earlier, later)
    assert found is not None
    assert found.low <= found.value <= found.high
    assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


@given(outcomes, outcomes)
def test_looking_back_turns_it_round(earlier, later):
    one, other = drift_of(earlier, later), drift_of(later, earlier)
    assert one is not None
    assert other is not None
    assert (other.value, other.low, other.high, other.p) == pytest.approx((-one.value, -one.high, -one.low, one.p))


def test_more_complaints_in_the_sample_are_no_drift_when_weights_say_so():
    """As many complaints as ever happen, but all of them are graded now."""
    before = ([1.0] * 10 + [5.0] * 90, [1.0] * 100)
    now = ([1.0] * 50 + [5.0] * 50, [1.0] * 50 + [9.0] * 50)
    weighted = drift_of(before[0], now[0], earlier_weights=before[1], later_weights=now[1], scale=(1, 5))
    plain = drift_of(before[0], now[0], scale=(1, 5))
    assert weighted is not None
    assert plain is not None
    assert weighted.value == pytest.approx(0)
    assert weighted.p == pytest.approx(1)
    assert plain.p < 0.001


def test_nothing_graded_says_nothing():
    assert drift_of([], [1, 0]) is None
    assert drift_of([1, 0], []) is None


def test_the_same_scores_at_both_times_are_no_drift():
    found = drift_of([1.0] * 40, [1.0] * 40)
    assert found is not None
    assert found.p == 1
    assert found.low < 0 < found.high
    assert drift_of([2.5] * 5, [2.5] * 5) is not None
