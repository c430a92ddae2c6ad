"""A judge compares the answers of two runs, pair by pair: what it said is kept, counted, and never asked twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from evals.comparing.duels import Duels, cost_of, duels_of, judge_of_pairs, judge_some, open_pairs, reopen
from evals.comparing.duels import _key as lease_of
from evals.grading import Grader
from evals.models import CaseRevision, Grading, Result, Run
from evals.statistics.verdicts import Verdict
from tests import standin
from tests.evals.factories import answer, case, dataset, grading, result, run_of

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, AFTER = "There is a fee, see our website.", "A late fee of $35 is charged."


@pytest.fixture
def judge() -> Grader:
    found = judge_of_pairs()
    assert found
    return found


def two_runs(*names: str) -> tuple[Run, Run]:
    """Over these cases, the first of which was answered in two ways, the others in the same."""
    cases = dataset(*(case(name) for name in names))
    runs = run_of(cases), run_of(cases)
    for run, text in zip(runs, (BEFORE, AFTER), strict=True):
        row = CaseRevision.objects.get(key=names[0])
        run.results.filter(case=row).delete()
        result(run, row, answer=answer(text))
    return runs


def choice(first: str, verdict: str) -> dict[str, Any]:
    said = {"evidence": [], "reasoning": "It names the fee.", "verdict": verdict}
    return {"expect": {"contains": [f"<first>\n{first}"]}, "reply": {"text": json.dumps(said)}}


def judged(before: Run, after: Run) -> bool:
    return async_to_sync(judge_some)(before.pk, after.pk)


def said(before: Run, after: Run, judge: Grader) -> Duels:
    return duels_of(Run.objects.get(pk=before.pk), Run.objects.get(pk=after.pk), judge)


def test_each_pair_is_read_in_both_orders_and_the_word_is_kept_with_what_it_was_against(settings: Any, judge: Grader):
    before, after = two_runs("fee", "same")
    assert len(open_pairs(before, after, judge)) == 2
    with standin.script(choice(AFTER, "first"), choice(BEFORE, "second")) as played:
        settings.LLM_JUDGE_MODEL = played.model
        settings.LLM_DEMO = False
        assert judged(before, after) is False
        kept = Grading.objects.get(grader=judge.name, label="better")
        assert (kept.result.run, kept.against.run) == (after, before)  # type: ignore[union-attr]
        told = said(before, after, judge)
    assert (told.wins, told.ties, told.losses, told.left) == (1, 1, 0, 0)
    assert (told.verdict, told.is_under_way) == (Verdict.NO_EVIDENCE, False)
    assert told.share
    assert told.share.value == 0.75


def test_what_was_judged_is_not_asked_again(settings: Any, judge: Grader):
    before, after = two_runs("same")
    Result.objects.update(text="One and the same.", answer=answer("One and the same.").as_json())
    settings.LLM_JUDGE_MODEL = "fault-500"
    assert judged(before, after) is False
    first = Grading.objects.get(grader=judge.name)
    judged(before, after)
    assert Grading.objects.get(grader=judge.name) == first


def test_a_judge_that_broke_counts_for_nobody_and_is_asked_once_more_on_demand(settings: Any, judge: Grader):
    before, after = two_runs("fee")
    settings.LLM_JUDGE_MODEL = "fault-401"
    judged(before, after)
    told = said(before, after, judge)
    assert (told.judged, told.failed, told.left, told.share) == (0, 1, 0, None)
    reopen(before, after, judge)
    assert len(open_pairs(before, after, judge)) == 1


def test_what_does_not_fit_in_a_workers_turn_is_left_to_the_next(settings: Any, judge: Grader):
    before, after = two_runs("fee", "same")
    settings.EVALS_SLICE_SECONDS = -1
    assert judged(before, after) is True
    assert len(open_pairs(before, after, judge)) == 2


def test_a_second_worker_leaves_it_to_the_first(settings: Any, judge: Grader):
    from django.core.cache import cache

    before, after = two_runs("fee")
    cache.add(lease_of(before, after), 1, 60)
    assert said(before, after, judge).is_under_way
    assert judged(before, after) is False
    assert not Grading.objects.filter(grader=judge.name).exists()
    cache.delete(lease_of(before, after))


def test_the_demo_model_gives_no_verdict(settings: Any, judge: Grader):
    names = [f"c{number}" for number in range(8)]
    before, after = two_runs(*names)
    for old, new in zip(before.results.order_by("case__key"), after.results.order_by("case__key"), strict=True):
        grading(new, judge.name, against=old, score=1.0, version=judge.version, is_demo=True)
    told = said(before, after, judge)
    assert (told.wins, told.is_demo, told.verdict) == (8, True, None)
    Grading.objects.update(is_demo=False)
    assert said(before, after, judge).verdict is Verdict.BETTER


def test_repetitions_of_a_case_are_one_word_for_the_verdict(judge: Grader):
    cases = dataset(case("fee"))
    before, after = run_of(cases, {"fee": [True] * 8}), run_of(cases, {"fee": [True] * 8})
    for old, new in zip(before.results.all(), after.results.all(), strict=True):
        grading(new, judge.name, against=old, score=1.0, version=judge.version)
    told = said(before, after, judge)
    assert (told.wins, told.verdict) == (8, Verdict.NO_EVIDENCE)


def test_answers_that_failed_are_not_compared(judge: Grader):
    before, after = two_runs("fee", "same")
    Result.objects.filter(run=after, case__key="fee").update(error="timeout")
    assert [new for _, new in open_pairs(before, after, judge)] == [after.results.get(case__key="same").pk]


def test_the_cost_is_known_where_the_price_of_the_model_is(settings: Any, judge: Grader):
    before, after = two_runs("fee", "same")
    settings.LLM_JUDGE_MODEL = "gpt-4.1"
    cost = cost_of(before, after, judge)
    assert cost
    assert cost > 0
    settings.LLM_JUDGE_MODEL = "a-model-of-our-own"
    assert cost_of(before, after, judge) is None
