"""Figures of two runs: what may be said of their difference, and when nothing may."""

from __future__ import annotations

from typing import Any

import pytest
from scipy import stats

from evals.comparing.comparison import Comparison, compare
from evals.comparing.metrics import Metric, Troubles
from evals.models import Grading, Result, Run
from evals.statistics.paired import holm
from evals.statistics.verdicts import Verdict
from tests.evals.factories import case, dataset, grading, run_of

pytestmark = pytest.mark.django_db

NAMES = [f"c{number:02}" for number in range(40)]


def two_runs(lost: int = 0, gained: int = 0, **columns: Any) -> tuple[Run, Run]:
    """Over forty cases, of which so many got worse and so many better."""
    cases = dataset(*(case(name) for name in NAMES), **columns)
    before = run_of(cases, dict.fromkeys(NAMES[lost : lost + gained], False))
    return before, run_of(cases, dict.fromkeys(NAMES[:lost], False))


def named(comparison: Comparison, name: str) -> Metric:
    return next(metric for metric in comparison.metrics if metric.name == name)


def test_passing_and_failing_is_tested_by_mcnemars_exact_test():
    metric = named(compare(*two_runs(lost=9, gained=1)), "passed")
    assert metric.difference
    assert (metric.difference.lost, metric.difference.gained, metric.difference.n) == (9, 1, 40)
    assert metric.difference.value == pytest.approx(-8 / 40)
    assert metric.p == pytest.approx(stats.binomtest(1, 10).pvalue)
    assert metric.verdict is Verdict.WORSE


def test_the_same_runs_do_not_differ():
    metric = named(compare(*two_runs()), "passed")
    assert metric.difference
    assert (metric.difference.value, metric.verdict) == (0.0, Verdict.TOO_FEW)
    assert metric.difference.low < 0 < metric.difference.high


def test_the_primary_metric_is_tested_alone_and_the_others_together():
    before, after = two_runs(lost=6)
    for number, name in enumerate(NAMES):
        for grader, worse in (("tone", 6), ("warmth", 8), ("brevity", 10)):
            grading(before.results.get(case__key=name), grader, score=1.0)
            grading(after.results.get(case__key=name), grader, score=0.0 if number < worse else 1.0)
    comparison = compare(before, after)
    primary, *others = comparison.metrics
    assert (primary.name, primary.is_primary) == ("passed", True)
    assert primary.difference
    assert primary.p == primary.difference.p
    adjusted = holm({one.name: one.difference.p for one in others if one.difference})
    assert {one.name: one.p for one in others} == adjusted
    assert named(comparison, "tone").p > named(comparison, "tone").difference.p  # type: ignore[union-attr, operator]


def test_the_set_says_which_metric_is_the_primary_one():
    before, after = two_runs(primary_metric="must_include")
    assert [one.name for one in compare(before, after).metrics if one.is_primary] == ["must_include"]


def test_a_grader_that_was_changed_in_between_compares_nothing():
    before, after = two_runs(lost=9)
    for run in (before, after):
        for one in run.results.all():
            grading(one, "tone", score=1.0)
    Grading.objects.filter(result__run=after, grader="tone").update(version="ffffffffffff")
    metric = named(compare(before, after), "tone")
    assert (metric.problem, metric.difference, metric.verdict) == ("graded by different versions", None, None)
    assert metric.may_be_graded_again
    assert named(compare(before, after), "must_include").verdict is Verdict.WORSE


def test_what_passed_by_other_rules_is_not_compared_either():
    before, after = two_runs(lost=9)
    Grading.objects.filter(result__run=after, grader="must_include").update(version="ffffffffffff")
    metric = named(compare(before, after), "passed")
    assert metric.problem == "it rests on must_include, graded by different versions"
    assert metric.verdict is None


def test_a_run_that_was_graded_again_only_in_part_compares_nothing():
    before, after = two_runs()
    some = Grading.objects.filter(result__run=after, grader="must_include").values("pk")[:5]
    Grading.objects.filter(pk__in=some).update(version="ffffffffffff")
    assert named(compare(before, after), "must_include").problem == "graded by different versions"


def test_a_grader_of_one_side_is_shown_with_that():
    before, after = two_runs()
    grading(after.results.all()[0], "latency", score=1.0)
    assert named(compare(before, after), "latency").problem == "graded on one side only"


def test_demo_verdicts_are_shown_and_decide_nothing():
    before, after = two_runs()
    for run, score in ((before, 1.0), (after, 0.0)):
        for one in run.results.all():
            grading(one, "off_rails", score=score, is_demo=True)
    metric = named(compare(before, after), "off_rails")
    assert metric.difference
    assert metric.difference.value == -1.0
    assert (metric.is_demo, metric.verdict, metric.may_be_graded_again) == (True, None, False)


def test_what_broke_or_was_silent_is_counted_on_both_sides_and_is_no_zero():
    before, after = two_runs()
    first, second = after.results.all()[:2]
    grading(first, "must_include", outcome="failed")
    grading(second, "must_include", outcome="abstained")
    Result.objects.filter(pk__in=[first.pk, second.pk]).update(passed=None)
    metric = named(compare(before, after), "must_include")
    assert metric.troubles == (Troubles(0, 0), Troubles(failed=1, abstained=1))
    assert metric.difference
    assert (metric.difference.n, metric.difference.value) == (38, 0.0)


def test_paraphrases_of_one_question_are_one_observation():
    cases = dataset(*(case(name, cluster=name[1]) for name in NAMES))
    before, after = run_of(cases), run_of(cases, dict.fromkeys(NAMES[:10], False))
    metric = named(compare(before, after), "passed")
    alone = named(compare(*_alone()), "passed")
    assert metric.difference
    assert alone.difference
    assert metric.difference.value == alone.difference.value == -0.25
    assert metric.difference.p > alone.difference.p
    assert metric.difference.high - metric.difference.low > alone.difference.high - alone.difference.low


def _alone() -> tuple[Run, Run]:
    cases = dataset(*(case(name) for name in NAMES), slug="alone")
    return run_of(cases), run_of(cases, dict.fromkeys(NAMES[:10], False))


def test_time_and_cost_are_paired_over_the_shared_answers():
    before, after = two_runs()
    Result.objects.filter(run=after).update(ms=1_700, cost_microdollars=2_200)
    Result.objects.filter(pk=after.results.all()[0].pk).update(error="timeout", ms=90_000)
    comparison = compare(before, after)
    assert comparison.time
    assert comparison.cost
    assert (comparison.time.difference.value, comparison.time.difference.n) == (500, 39)
    assert comparison.cost.difference.value == 1_000
    Result.objects.filter(run=before).update(cost_microdollars=None)
    assert compare(before, after).cost is None


def test_how_many_cases_a_difference_needs_follows_from_how_much_the_cases_differ():
    needed = compare(*two_runs(lost=4, gained=4)).needed
    assert list(needed) == [3, 5, 10]
    assert needed[3] > needed[5] > needed[10] > 0
