"""Two runs over the same cases: tests of the literature, and what may not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evals.statistics.paired import Difference, flipped_signs, holm, is_not_worse, mcnemar, paired_difference, tango

outcomes = st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 1])), min_size=1, max_size=40)
scores = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=30)


def runs(lost: int, gained: int, same: int) -> tuple[list[int], list[int]]:
    return [1] * lost + [0] * gained + [1] * same, [0] * lost + [1] * gained + [1] * same


@pytest.mark.parametrize(
    ("lost", "gained", "p"),
    [(0, 6, 0.03125), (1, 5, 0.21875), (2, 10, 0.038574), (6, 16, 0.052479), (0, 0, 1.0), (7, 7, 1.0)],
)
def test_mcnemars_exact_p_is_that_of_the_binomial_table(lost, gained, p):
    assert mcnemar(lost, gained) == pytest.approx(p, abs=1e-6)
    assert mcnemar(gained, lost) == mcnemar(lost, gained)


def test_tangos_interval_is_that_of_the_literature():
    """Approval of a prime minister (Agresti & Min 2005): 150 and 86 of 1,600. Airways (Fagerland et al. 2014): 1 and 7
    of 21. The third as the R package PropCIs computes it."""
    assert tango(150, 86, 1_600) == pytest.approx((-0.059, -0.021), abs=0.0005)
    assert tango(7, 1, 21) == pytest.approx((-0.517, -0.026), abs=0.0005)
    assert tango(60, 20, 1_000) == pytest.approx((-0.0584, -0.0231), abs=0.00005)


def test_tangos_ends_are_where_the_score_test_is_just_significant():
    """At no difference the score test is McNemar's: an interval that ends at 0 belongs to a statistic of 1.96."""
    lost, gained = 10, 25
    statistic = (gained - lost) / (gained + lost) ** 0.5
    assert (tango(lost, gained, 100)[0] > 0) == (statistic > 1.96)
    assert tango(0, 4, 60)[0] > 0 > tango(0, 3, 60)[0]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60))
def test_tangos_interval_is_symmetric_and_holds_what_was_seen(lost, gained, same):
    n = lost + gained + same
    low, high = tango(lost, gained, n)
    assert -1 <= low <= (gained - lost) / n <= high <= 1
    assert tango(gained, lost, n) == pytest.approx((-high, -low), abs=1e-6)


def test_pass_and_fail_are_compared_by_mcnemar_and_tango():
    found = paired_difference(*runs(2, 10, 56))
    assert found == Difference(8 / 68, *tango(2, 10, 68), mcnemar(2, 10), 68, 2, 10)


def test_two_runs_without_a_difference_are_not_proven_equal():
    few, many = paired_difference(*runs(0, 0, 10)), paired_difference(*runs(0, 0, 300))
    assert few is not None
    assert many is not None
    assert few.p == many.p == 1
    assert not is_not_worse(few, margin=0.05)
    assert is_not_worse(many, margin=0.05)
    assert many.low == pytest.approx(-(1.96**2) / (300 + 1.96**2), abs=1e-4)


def test_scores_without_a_difference_may_still_differ_by_what_their_scale_allows():
    same = paired_difference([4.0] * 50, [4.0] * 50, scale=(1, 5))
    shares = paired_difference([0.5] * 50, [0.5] * 50)
    assert same is not None
    assert shares is not None
    assert same.high == pytest.approx(4 * shares.high)
    assert shares.high == pytest.approx(tango(0, 0, 50)[1])


@given(outcomes)
def test_before_and_after_exchanged_turn_the_difference_round(pairs):
    before, after = zip(*pairs, strict=True)
    one, other = paired_difference(before, after), paired_difference(after, before)
    assert one is not None
    assert other is not None
    assert other.value == -one.value
    assert other.p == pytest.approx(one.p)
    assert (other.lost, other.gained) == (one.gained, one.lost)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), abs=1e-6)


@given(scores)
def test_scores_keep_within_bounds_and_clusters_of_one_change_nothing(pairs):
    before, after = zip(*pairs, strict=True)
    found = paired_difference(before, after, scale=(1, 5))
    assert found is not None
    assert found.low <= found.value <= found.high
    assert 0 < found.p <= 1
    assert found.lost + found.gained <= found.n == len(pairs)
    assert found == paired_difference(before, after, clusters=list(range(len(pairs))), scale=(1, 5))


def test_flipped_signs_of_few_are_exact():
    """Fisher 1935, section 21: Darwin's maize. 863 of the 32,768 ways give a sum as large as 314 in one direction."""
    darwin = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=float)
    assert flipped_signs(darwin) == pytest.approx(2 * 863 / 32_768, abs=0.006)
    assert flipped_signs(np.array([1.0, 2, 3, 4])) == 2 / 16
    assert flipped_signs(np.array([1.0] * 10)) == mcnemar(0, 10)


@pytest.mark.parametrize("n", [40, 400, 800])
def test_flipped_signs_agree_with_the_t_test_on_normal_differences(n):
    changes = np.random.default_rng(n).normal(2 / n**0.5, 1, n)
    assert flipped_signs(changes) == pytest.approx(stats.ttest_1samp(changes, 0).pvalue, abs=0.012)


def test_cases_that_belong_together_count_once():
    before, after = [0] * 40, [1] * 8 + [0] * 32
    alone = paired_difference(before, after)
    together = paired_difference(before, after, clusters=[n // 8 for n in range(40)])
    assert alone is not None
    assert together is not None
    assert alone.p < 0.01
    assert together.p == 1.0
    assert together.low < 0 < alone.low
    assert (together.value, together.n, together.gained) == (alone.value, alone.n, alone.gained)


def test_no_pairs_and_one_cluster_of_scores_say_nothing():
    assert paired_difference([], []) is None
    assert paired_difference([3.0, 4.0], [4.0, 4.0], clusters=["a", "a"]) is None


def test_a_case_on_one_side_only_is_refused():
    with pytest.raises(ValueError, match="before and after"):
        paired_difference([1, 0], [1])


def test_holm_adjusts_as_in_the_literature():
    """.01, .02, .03, .04 (and .005): steps of 4, 3, 2, 1 times p, and never less than the one before."""
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_lies_between_p_and_bonferroni(p_values):
    adjusted = holm(p_values)
    assert list(adjusted) == list(p_values)
    for name, p in p_values.items():
        assert p <= adjusted[name] <= min(1.0, len(p_values) * p) + 1e-12
    by_p = sorted(p_values, key=lambda name: p_values[name])
    assert [adjusted[name] for name in by_p] == sorted(adjusted.values())


@pytest.mark.parametrize(("low", "passes"), [(-0.02, True), (-0.05, False), (-0.2, False), (0.01, True)])
def test_not_worse_asks_the_lower_end(low, passes):
    assert is_not_worse(Difference(0.0, low, 0.2, 0.5, 68, 3, 3), margin=0.05) is passes
    assert not is_not_worse(None, margin=0.05)
