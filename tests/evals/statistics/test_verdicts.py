"""A verdict says better or worse only when the test does, and "no evidence" only when there could have been some."""

import numpy as np
import pytest

from evals.statistics.drift import Drift
from evals.statistics.paired import Difference, paired_difference
from evals.statistics.verdicts import Verdict, shown_by, verdict_of


def difference(value: float, half: float, p: float) -> Difference:
    return Difference(value, value - half, value + half, p, 68, 3, 5)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (difference(0.06, 0.05, 0.02), Verdict.BETTER),
        (difference(-0.15, 0.08, 0.001), Verdict.WORSE),
        (difference(-0.01, 0.05, 0.8), Verdict.NO_EVIDENCE),
        (difference(0.04, 0.30, 0.6), Verdict.TOO_FEW),
        (None, Verdict.TOO_FEW),
    ],
)
def test_a_difference_is_said_in_words(found, verdict):
    assert verdict_of(found) is verdict


def test_the_adjusted_p_decides_where_there_is_one():
    found = difference(0.06, 0.05, 0.02)
    assert verdict_of(found, p=0.12) is Verdict.NO_EVIDENCE
    assert verdict_of(found, p=0.04) is Verdict.BETTER
    assert verdict_of(found, alpha=0.01) is Verdict.NO_EVIDENCE


def test_what_counts_as_too_few_depends_on_what_must_not_be_missed():
    found = difference(0.0, 0.05, 0.9)
    assert shown_by(found) == pytest.approx(0.05 * (1.960 + 0.842) / 1.960, abs=1e-4)
    assert verdict_of(found, relevant=0.10) is Verdict.NO_EVIDENCE
    assert verdict_of(found, relevant=0.05) is Verdict.TOO_FEW


def test_traffic_that_drifted_gets_a_verdict_too():
    assert verdict_of(Drift(-0.2, -0.3, -0.1, 0.001, 100, 100)) is Verdict.WORSE


def test_three_equal_cases_are_too_few_and_three_hundred_are_no_evidence():
    assert verdict_of(paired_difference([1] * 3, [1] * 3)) is Verdict.TOO_FEW
    assert verdict_of(paired_difference([1] * 300, [1] * 300)) is Verdict.NO_EVIDENCE


def test_comparisons_that_say_no_evidence_would_have_shown_ten_points_most_of_the_time():
    """Without a difference, with one pair in ten that differs: 40 cases are mostly too few, 200 never are."""
    random = np.random.default_rng(1)

    def verdicts(n: int) -> list[Verdict]:
        changes = random.choice([-1, 0, 1], (60, n), p=[0.05, 0.9, 0.05])
        return [verdict_of(paired_difference((row < 0) * 1, (row < 0) * 1 + row)) for row in changes]

    assert verdicts(40).count(Verdict.TOO_FEW) > 45
    assert verdicts(200).count(Verdict.TOO_FEW) == 0
