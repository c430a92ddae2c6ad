"""As many cases as are said to be needed do show the difference, four times out of five."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evals.statistics.paired import flipped_signs, mcnemar
from evals.statistics.power import cases_needed, detectable, spread_of, spread_of_discordant

spreads = st.floats(0.05, 2.0)


@pytest.mark.parametrize(
    ("difference", "share", "cases"), [(0.10, 0.2, 155), (0.05, 0.2, 626), (0.03, 0.2, 1742), (0.20, 0.5, 96)]
)
def test_the_number_of_pairs_is_connors(difference, share, cases):
    """(1.960 √share + .842 √(share - difference²))² / difference², rounded up."""
    by_hand = (1.959964 * share**0.5 + 0.841621 * (share - difference**2) ** 0.5) ** 2 / difference**2
    needed = cases_needed(difference, spread=spread_of_discordant(share, difference))
    assert needed == math.ceil(by_hand) == cases


@given(st.floats(0.02, 0.5), spreads)
def test_what_so_many_cases_show_is_what_they_are_needed_for(difference, spread):
    needed = cases_needed(difference, spread=spread)
    if needed > 4:
        assert detectable(needed, spread=spread) <= difference * (1 + 1e-9)
        assert detectable(needed - 1, spread=spread) >= difference * (1 - 1e-6) or needed == 5


@given(st.integers(5, 5_000), spreads, st.floats(0.1, 10))
def test_the_unit_does_not_matter(n, spread, factor):
    assert detectable(n, spread=factor * spread) == pytest.approx(factor * detectable(n, spread=spread))


def test_more_power_fewer_false_alarms_and_smaller_differences_need_more_cases():
    usual = cases_needed(0.1, spread=0.4)
    assert cases_needed(0.1, spread=0.4, power=0.9) > usual
    assert cases_needed(0.1, spread=0.4, alpha=0.01) > usual
    assert cases_needed(-0.1, spread=0.4) == usual
    assert 3.5 < cases_needed(0.05, spread=0.4) / usual < 4.5


def test_three_cases_show_nothing_and_nothing_needs_no_number():
    assert detectable(3, spread=0.4) == math.inf
    with pytest.raises(ValueError, match="nothing"):
        cases_needed(0.0, spread=0.4)
    with pytest.raises(ValueError, match="at least as many"):
        spread_of_discordant(0.05, 0.1)


def test_the_spread_is_that_of_the_differences():
    random = np.random.default_rng(0)
    before, change = random.normal(0, 5, 4_000), random.normal(1, 0.5, 4_000)
    assert spread_of(before, before + change) == pytest.approx(0.5, rel=0.03)
    assert math.isnan(spread_of([], []))


def test_two_runs_that_did_not_differ_do_not_promise_that_two_cases_suffice():
    assert cases_needed(0.05, spread=spread_of([1] * 68, [1] * 68)) > 40


def test_as_many_cases_as_are_needed_show_the_difference_four_times_out_of_five():
    """A little more often for scores: Connor allows for the difference itself in the spread."""
    random = np.random.default_rng(2)
    n = cases_needed(0.4, spread=1.0)
    shown = [flipped_signs(random.normal(0.4, 1.0, n)) <= 0.05 for _ in range(600)]
    assert 0.78 <= np.mean(shown) <= 0.88


def test_as_many_pairs_as_are_needed_show_a_difference_in_pass_and_fail_about_as_often():
    """Exactly: over how many pairs may differ, and how many of those are lost. McNemar's test is a little careful."""
    n = cases_needed(0.10, spread=spread_of_discordant(0.2, 0.10))
    power = 0.0
    for differ in range(14, 50):
        lost = [count for count in range(differ + 1) if mcnemar(count, differ - count) <= 0.05]
        power += stats.binom.pmf(differ, n, 0.2) * stats.binom.pmf(lost, differ, 0.05 / 0.2).sum()
    assert 0.74 <= power <= 0.82
