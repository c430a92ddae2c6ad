"""The promise of every 95 % interval, kept on made-up results whose truth is known: 93 to 97 of 100 hold it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from evals.statistics.agreement import agreement, several_raters
from evals.statistics.drift import drift_of
from evals.statistics.intervals import Estimate, Scale, mean, proportion
from evals.statistics.paired import flipped_signs, mcnemar, paired_difference, tango
from tests.evals.statistics.simulated import (
    Sample,
    changes,
    complaints_first,
    coverage,
    families,
    moved_families,
    points,
    repeated,
    truth_of,
    waits,
)

ROUNDS = 800
SKEWED = points(0.02, 0.05, 0.13, 0.30, 0.50)
NEARLY_ALL_FIVE = points(0, 0.02, 0.03, 0.10, 0.85)


def keeps_its_promise(share: float | np.floating[Any]) -> bool:
    return bool(0.93 <= share <= 0.97)


def score_of(scale: Scale | None) -> Callable[[Sample], Estimate | None]:
    return lambda sample: mean(sample.values, clusters=sample.clusters, weights=sample.weights, scale=scale)


def change_of(sample: Sample):
    """The same differences as two runs: from a middle score, or from the side that lets a case pass or fail."""
    is_pass_fail = sample.clusters is not None
    before: NDArray[Any] = (sample.values < 0) * 1.0 if is_pass_fail else np.full(sample.values.size, 3.0)
    return paired_difference(
        before, before + sample.values, clusters=sample.clusters, scale=(0, 1) if is_pass_fail else (1, 5)
    )


@pytest.mark.parametrize("n", [30, 68, 120])
@pytest.mark.parametrize(
    ("draw", "scale"),
    [(SKEWED, (1, 5)), (NEARLY_ALL_FIVE, (1, 5)), (waits, None), (repeated, (0, 1)), (complaints_first, (1, 5))],
    ids=["skewed points", "nearly all five", "waits", "repeated cases", "weighted"],
)
def test_a_means_interval_holds_the_truth(draw, scale, n):
    assert keeps_its_promise(coverage(draw, score_of(scale), truth_of(draw), n=n, rounds=ROUNDS))


@pytest.mark.parametrize("n", [40, 100])
def test_a_means_interval_holds_the_truth_where_cases_belong_together(n):
    assert keeps_its_promise(coverage(families, score_of(None), truth_of(families), n=n, rounds=ROUNDS))


def test_taking_cases_that_belong_together_for_independent_ones_would_break_the_promise():
    def careless(sample: Sample):
        return mean(sample.values, scale=None)

    assert coverage(families, careless, truth_of(families), n=30, rounds=150) < 0.85


@pytest.mark.parametrize("n", [40, 100])
@pytest.mark.parametrize(
    "draw", [changes(0.8, 0.13, 0.07), moved_families], ids=["scores", "clusters of pass and fail"]
)
def test_a_differences_interval_holds_the_truth(draw, n):
    assert keeps_its_promise(coverage(draw, change_of, truth_of(draw), n=n, rounds=ROUNDS))


@pytest.mark.parametrize("n", [30, 68, 200])
@pytest.mark.parametrize("share", [0.5, 0.8, 0.9])
def test_wilsons_interval_holds_the_truth_on_average_over_the_numbers_that_may_pass(n, share):
    """Exactly, not by chance; averaged over near-by truths, because whole numbers make the coverage jump."""
    intervals = [proportion(passed, n) for passed in range(n + 1)]
    near = np.linspace(share - 0.03, share + 0.03, 61)
    held = [
        sum(stats.binom.pmf(round(i.value * n), n, truth) for i in intervals if i and i.low <= truth <= i.high)
        for truth in near
    ]
    assert keeps_its_promise(float(np.mean(held)))


@pytest.mark.parametrize(
    ("lost", "gained"), [(0.10, 0.10), (0.05, 0.20), (0.20, 0.20), (0.05, 0.12)], ids=lambda share: f"{share:.0%}"
)
@pytest.mark.parametrize("n", [30, 68, 200])
def test_the_interval_of_pass_and_fail_holds_the_truth(n, lost, gained):
    """Exactly: over all numbers of lost and gained that two runs may have."""
    most = int(n * 0.45) + 4
    pairs = [(b, c) for b in range(most) for c in range(most) if b + c <= n]
    b, c = np.array(pairs).T
    chances = stats.multinomial.pmf(np.stack([b, c, n - b - c], 1), n, [lost, gained, 1 - lost - gained])
    likely = [(pair, chance) for pair, chance in zip(pairs, chances, strict=True) if chance > 1e-6]
    held = sum(chance for pair, chance in likely if tango(*pair, n)[0] <= gained - lost <= tango(*pair, n)[1])
    assert keeps_its_promise(held)


def judged(kappa: float, shares: list[float], n: int, random: np.random.Generator) -> list[tuple[str, str]]:
    """People, and a judge that knows their label with probability κ and else says any, as often as people do."""
    people = random.choice(len(shares), n, p=shares)
    judge = np.where(random.random(n) < kappa, people, random.choice(len(shares), n, p=shares))
    return [("abcde"[one], "abcde"[other]) for one, other in zip(people, judge, strict=True)]


@pytest.mark.parametrize("n", [30, 80])
@pytest.mark.parametrize(
    ("kappa", "shares"), [(0.8, [0.8, 0.2]), (0.5, [0.5, 0.3, 0.2]), (0.7, [0.1, 0.1, 0.2, 0.3, 0.3])]
)
def test_the_kappa_of_a_judge_of_known_quality_comes_out_within_its_interval(n, kappa, shares):
    random = np.random.default_rng([n, 4])
    found = [agreement(judged(kappa, shares, n, random), labels="abcde"[: len(shares)]) for _ in range(ROUNDS)]
    kappas = [one.kappa for one in found if one and one.kappa]
    assert len(kappas) > 0.99 * ROUNDS
    assert keeps_its_promise(np.mean([one.low <= kappa <= one.high for one in kappas]))
    assert np.mean([one.value for one in kappas]) == pytest.approx(kappa, abs=0.02)


@pytest.mark.parametrize("n", [40, 80])
def test_the_alpha_of_people_of_known_quality_comes_out_within_its_interval(n):
    """Each of up to three people knows the truth with probability .8 (two alike with .64), some are away."""
    random, shares = np.random.default_rng(n), [0.5, 0.3, 0.2]
    held, values = [], []
    for _ in range(400):
        truth = random.choice(3, n, p=shares)
        said = np.where(random.random((3, n)) < 0.8, truth, random.choice(3, (3, n), p=shares))
        is_away = random.random((3, n)) < 0.2
        alpha = several_raters(
            [
                ["" if a else "xyz"[s] for s, a in zip(*item, strict=True)]
                for item in zip(said.T, is_away.T, strict=True)
            ]
        )
        assert alpha is not None
        held.append(alpha.low <= 0.64 <= alpha.high)
        values.append(alpha.value)
    assert keeps_its_promise(np.mean(held))
    assert np.mean(values) == pytest.approx(0.64, abs=0.02)


def test_mcnemars_test_cries_wolf_in_at_most_five_of_a_hundred_comparisons():
    """Exactly, for every number of pairs that differ; a whole number of pairs keeps it under the 5 %, never above."""
    alarms = [
        sum(stats.binom.pmf(lost, n, 0.5) for lost in range(n + 1) if mcnemar(lost, n - lost) <= 0.05)
        for n in (5, 6, 17, 60, 119)
    ]
    assert max(alarms) <= 0.05
    assert alarms[-1] > 0.03


@pytest.mark.parametrize(("n", "rounds"), [(12, 1_000), (60, 800)])
def test_flipped_signs_cry_wolf_in_about_five_of_a_hundred_comparisons(n, rounds):
    random = np.random.default_rng(n)
    alarms = np.mean([flipped_signs(random.normal(0, 1, n)) <= 0.05 for _ in range(rounds)])
    assert 0.035 <= alarms <= 0.065


@pytest.mark.parametrize("draw", [complaints_first, repeated], ids=["weighted", "pass and fail"])
def test_drift_cries_wolf_in_about_five_of_a_hundred_weeks(draw):
    random = np.random.default_rng(3)
    scale = (0, 1) if draw is repeated else (1, 5)
    alarms = []
    for _ in range(500):
        was, now = draw(60, random), draw(90, random)
        if was.clusters:
            was, now = Sample(was.values[::3]), Sample(now.values[::3])
        found = drift_of(was.values, now.values, earlier_weights=was.weights, later_weights=now.weights, scale=scale)
        alarms.append(found is not None and found.p <= 0.05)
    assert 0.03 <= np.mean(alarms) <= 0.07
