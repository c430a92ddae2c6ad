"""Answers to one case are held against each other, what got worse first; what is left out is named with a reason."""

from __future__ import annotations

import pytest

from evals.comparing.comparison import compare
from evals.comparing.pairing import Change
from evals.datasets.sets import freeze, keep
from evals.models import Result, Run
from tests.evals.factories import case, dataset, grading, result, run_of

pytestmark = pytest.mark.django_db


def changes(before: Run, after: Run) -> dict[str, Change]:
    return {pair.key: pair.change for pair in compare(before, after).pairs}


def test_what_got_worse_comes_first_and_a_new_hard_failure_first_of_all():
    cases = dataset(*(case(name) for name in ("a-same", "b-better", "c-worse", "d-hard", "e-score", "f-silent")))
    before = run_of(cases, {"b-better": False})
    after = run_of(cases, {"c-worse": False})
    Result.objects.filter(run=after, case__key="d-hard").update(is_hard_failure=True)
    Result.objects.filter(run=after, case__key="f-silent").update(error="provider_down", passed=None)
    for run, points in ((before, 5), (after, 3)):
        grading(run.results.get(case__key="e-score"), "tone", points=points)
    assert list(changes(before, after).items()) == [
        ("d-hard", Change.NEW_HARD_FAILURE),
        ("c-worse", Change.WORSE),
        ("f-silent", Change.NO_ANSWER),
        ("b-better", Change.BETTER),
        ("e-score", Change.OTHER_SCORE),
        ("a-same", Change.SAME),
    ]


def test_of_repetitions_the_mean_counts():
    cases = dataset(case("a"), case("b"))
    before = run_of(cases, {"a": [True, True, False], "b": [True, False, False]})
    after = run_of(cases, {"a": [True, False, False], "b": [False, False, True]})
    assert changes(before, after) == {"a": Change.WORSE, "b": Change.SAME}


def test_a_hard_failure_that_was_there_before_is_not_new():
    cases = dataset(case("a"))
    before, after = run_of(cases), run_of(cases)
    Result.objects.update(is_hard_failure=True)
    assert changes(before, after) == {"a": Change.SAME}


def test_the_demo_models_word_says_nothing_of_what_became_of_a_case():
    cases = dataset(case("a"))
    before, after = run_of(cases), run_of(cases)
    grading(before.results.get(), "tone", points=5, is_demo=True)
    grading(after.results.get(), "tone", points=1, is_demo=True, is_hard_failure=True)
    Result.objects.filter(run=after).update(is_hard_failure=True)
    assert changes(before, after) == {"a": Change.SAME}


def test_cases_of_one_side_only_and_revised_ones_are_left_out_and_named():
    cases = dataset(case("kept"), case("revised"), case("gone"))
    before = run_of(cases)
    keep(cases, case("revised", question="Asked in another way?"))
    keep(cases, case("added"))
    freeze(cases)
    after = run_of(cases)
    after.results.filter(case__key="gone").delete()
    comparison = compare(before, after)
    assert [pair.key for pair in comparison.pairs] == ["kept"]
    assert {(one.key, one.why) for one in comparison.left_out} == {
        ("added", f"only run {after.pk} has it"),
        ("gone", f"only run {before.pk} has it"),
        ("revised", "the case was revised in between"),
    }


def test_two_runs_of_other_sets_share_nothing():
    before, after = run_of(dataset(case("a"))), run_of(dataset(case("a"), slug="other"))
    comparison = compare(before, after)
    assert (comparison.pairs, comparison.needed, comparison.time) == ((), {}, None)
    assert len(comparison.left_out) == 2


def test_real_turns_are_no_cases():
    cases = dataset(case("a"))
    online = Run.objects.create(trigger=Run.Trigger.ONLINE, state=Run.State.DONE)
    result(online)
    assert compare(run_of(cases), online).pairs == ()


def test_an_answer_that_only_took_longer_is_the_same():
    cases = dataset(case("a"))
    before, after = run_of(cases), run_of(cases)
    grading(before.results.get(), "latency", score=1.0)
    grading(after.results.get(), "latency", score=0.0)
    assert changes(before, after) == {"a": Change.SAME}
