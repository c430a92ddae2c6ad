"""A metric over some rows: what counts as one observation, and which interval it gets."""

from __future__ import annotations

import pytest
from scipy import stats

from evals.reporting.estimates import estimate_of, title_of


def test_cases_that_pass_or_fail_are_a_share_with_wilsons_interval():
    found = estimate_of([(f"q{n}", float(n < 7), 1) for n in range(10)])
    wilson = stats.binomtest(7, 10).proportion_ci(method="wilson")
    assert found
    assert (found.value, found.n) == (0.7, 10)
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high))


def test_repetitions_of_a_case_are_one_observation():
    once = estimate_of([("a", 1.0, 1), ("b", 0.0, 1), ("c", 1.0, 1)])
    thrice = estimate_of([("a", 1.0, 1), ("b", 0.0, 1), ("c", 1.0, 1)] * 3)
    assert once == thrice


def test_a_flaky_case_counts_as_what_it_is():
    found = estimate_of([("a", 1.0, 1), ("a", 0.0, 1), ("b", 1.0, 1), ("b", 1.0, 1)])
    assert found
    assert (found.value, found.n) == (0.75, 2)


def test_clusters_of_different_sizes_keep_the_mean_over_answers():
    found = estimate_of([("a", 0.0, 1), ("b", 1.0, 1), ("b", 1.0, 1), ("b", 1.0, 1)])
    assert found
    assert found.value == 0.75


def test_weights_count_for_real_turns():
    found = estimate_of([("a", 0.0, 1.0), ("b", 1.0, 3.0)])
    assert found
    assert found.value == 0.75


def test_an_interval_stays_between_0_and_1():
    found = estimate_of([("a", 0.9, 1), ("b", 1.0, 1), ("c", 0.2, 1)])
    assert found
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_nothing_is_no_figure():
    assert estimate_of([]) is None


def test_a_grader_that_has_left_the_shelf_still_has_a_name():
    assert title_of("passed") == "Passed by the rules"
    assert title_of("says_unknown_no_more") == "Says unknown no more"
