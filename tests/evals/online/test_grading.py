"""Rules grade every sampled turn; judges as far as the day's money goes; the demo model is not asked."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import async_to_sync

from evals.graders import GRADERS
from evals.models import Grading, Result, Run
from evals.online.grading import grade_pending, graders
from evals.online.passing import pass_over_traffic
from evals.online.sampling import sample
from evals.running.marking import Marked, grading_of
from llm.models import Call
from tests import standin
from tests.evals.online.traffic import turn

pytestmark = pytest.mark.django_db(transaction=True)


def said() -> list[tuple[str, str]]:
    return list(Grading.objects.order_by("grader").values_list("grader", "outcome"))


def test_rules_and_measures_grade_and_say_whether_it_passed():
    turn(thumb="down", lucky=False, text="It is by the 15th.")
    async_to_sync(pass_over_traffic)()
    names = {name for name, _ in said()}
    assert {"citations", "format", "off_rails", "latency"} <= names
    assert {GRADERS[name].kind for name in names} == {"rule", "measure"}  # the demo model judges
    assert Result.objects.get().passed is not None
    count = Grading.objects.count()
    async_to_sync(pass_over_traffic)()
    assert Grading.objects.count() == count


def test_graders_that_would_need_to_know_what_is_expected_abstain_or_are_not_asked():
    turn(thumb="down", lucky=False, text="I don't know.")
    async_to_sync(pass_over_traffic)()
    outcomes = dict(said())
    assert "behaviour" not in outcomes
    assert (outcomes["must_include"], outcomes["cites_source"]) == ("abstained", "abstained")


def test_no_grader_breaks_on_a_bare_turn():
    turn(thumb="down", lucky=False, text="", status="refused", stopped_by="topic")
    turn(thumb="down", lucky=False, status="refused", stopped_by="topic", text="I help with loans.", receipt={})
    turn(thumb="down", lucky=False, text="x" * 20_000)
    async_to_sync(pass_over_traffic)()
    assert Result.objects.count() == 2  # one without a word is no answer
    assert [name for name, outcome in said() if outcome == "failed"] == []


def with_a_judge(settings, monkeypatch, name: str = "tone") -> None:
    settings.LLM_DEMO = False
    settings.EVALS_CONCURRENCY = 1
    for other, grader in list(GRADERS.items()):
        if grader.kind == "judge" and other != name:
            monkeypatch.delitem(GRADERS, other)


def test_judges_grade_until_the_days_money_is_spent_disliked_turns_first(settings, monkeypatch):
    with_a_judge(settings, monkeypatch)
    settings.EVALS_ONLINE_DAILY_USD = 0.05
    monkeypatch.setattr("evals.online.grading.grading_of", dear)
    turn(lucky=True)
    disliked = turn(thumb="down", lucky=False)
    sample()
    verdict = {"reply": {"text": json.dumps({"evidence": [], "reasoning": "so", "label": "rude"})}}
    with standin.script(verdict) as played:  # a second call would fail the script
        settings.LLM_JUDGE_MODEL = played.model
        async_to_sync(grade_pending)()
        async_to_sync(grade_pending)()
    assert Grading.objects.get(grader="tone").result.reply == disliked
    assert Grading.objects.filter(grader="format").count() == 2


def dear(marked: Marked, result: Result) -> Grading:
    """The row, as if a judge's word had cost five cents: the model of a script has no price."""
    row = grading_of(marked, result)
    row.cost_microdollars = 50_000 if row.model else None
    return row


def test_no_money_is_no_judge(settings, monkeypatch):
    with_a_judge(settings, monkeypatch)
    settings.EVALS_ONLINE_DAILY_USD = 0.0
    turn(thumb="down", lucky=False)
    async_to_sync(pass_over_traffic)()
    assert not Call.objects.filter(purpose="grade").exists()
    assert not Grading.objects.filter(grader="tone").exists()
    assert Grading.objects.filter(grader="format").exists()


def test_pairs_and_demo_judges_are_never_asked(settings):
    assert not [name for name, grader in graders().items() if grader.kind == "judge"]
    settings.LLM_DEMO = False
    names = list(graders())
    assert "tone" in names
    assert "pairwise" not in names
    kinds = [GRADERS[name].kind == "judge" for name in names]
    assert kinds == sorted(kinds)  # rules first


def test_switched_off_nothing_happens(settings):
    settings.EVALS_ONLINE_SHARE = 0.0
    turn(thumb="down")
    async_to_sync(pass_over_traffic)()
    assert not Run.objects.exists()
