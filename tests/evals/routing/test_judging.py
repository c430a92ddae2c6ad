"""The judge compares both models' answers: in both orders, by chance, and as far as the day's money goes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db.models import Sum
from django.utils import timezone

from evals.graders.pairwise import ALIKE
from evals.models import RouteVerdict
from evals.routing.judging import LABEL, TRIES, judge_pending, spent_today
from llm.models import Call
from tests import standin
from tests.evals.routing import made

pytestmark = pytest.mark.django_db(transaction=True)
SMALL, STRONG = "By the 15th. [1]", "By the 15th of the month. [1]"


@pytest.fixture(autouse=True)
def one_at_a_time(settings) -> None:
    settings.LLM_DEMO = False
    settings.EVALS_CONCURRENCY = 1


def judge() -> int:
    return async_to_sync(judge_pending)()


def line(verdict: str, first: str = "", **more: Any) -> dict[str, Any]:
    """What the judge says, where this answer came first."""
    said = {"evidence": [], "reasoning": "So it is.", "verdict": verdict}
    expect = {"expect": {"contains": [f"<first>\n{first}", *more.get("also", ())]}} if first else {}
    return {**expect, "reply": {"text": json.dumps(said)}}


def test_a_pair_is_judged_once_in_both_orders_and_the_ledger_knows_what_it_cost(settings):
    one = made.compared(small=SMALL, strong=STRONG)
    also = ["A late fee of $35 is charged", one.question]  # the passages and the question are before the judge
    with standin.script(line("second", SMALL, also=also), line("first", STRONG)) as played:
        settings.LLM_JUDGE_MODEL = played.model
        settings.LLM_PRICES = [f"{played.model}=2/8"]
        assert judge() == 1
        assert judge() == 0
    word = RouteVerdict.objects.get(route=one)
    assert (word.label, word.lost, word.outcome, word.is_current, word.is_demo) == ("worse", 1.0, "scored", True, False)
    assert (word.grader, word.model) == ("pairwise", played.model)
    graded = Call.objects.filter(purpose="grade", version=LABEL).aggregate(cost=Sum("cost_microdollars"))["cost"]
    assert word.cost_microdollars == graded > 0
    assert spent_today() == graded / 1_000_000


def test_the_same_text_is_a_tie_without_asking(settings):
    settings.LLM_DEMO = True
    made.compared(small=SMALL, strong=SMALL)
    assert judge() == 1
    word = RouteVerdict.objects.get()
    assert (word.label, word.reason, word.model, word.is_demo) == ("tie", ALIKE, "", False)
    assert not Call.objects.filter(purpose="grade").exists()


def test_the_demo_models_word_is_marked(settings):
    settings.LLM_DEMO = True
    made.compared(small=SMALL, strong=STRONG)
    assert judge() == 1
    assert RouteVerdict.objects.get().is_demo


def test_only_what_both_answered_lately_is_judged_and_what_was_held_back_comes_last(settings):
    held = made.compared(first="small", held_back="citations", small=SMALL, strong=STRONG)
    shown = made.compared(small="Within 15 days. [1]", strong=STRONG)
    made.compared(small="", strong=STRONG)
    made.route()
    made.compared(at=timezone.now() - timedelta(days=40))
    with standin.script(line("tie", "Within 15 days. [1]"), line("tie", SMALL)) as played:
        settings.LLM_JUDGE_MODEL = played.model
        assert judge() == 2
    assert list(RouteVerdict.objects.values_list("route", flat=True)) == [shown.pk, held.pk]


def test_a_judge_that_breaks_is_kept_as_such_and_asked_again_a_few_times(settings):
    one = made.compared(small=SMALL, strong=STRONG)
    settings.LLM_JUDGE_MODEL = "no-such-script"
    for _ in range(TRIES + 1):
        judge()
    words = RouteVerdict.objects.filter(route=one)
    assert [(word.outcome, word.lost, word.label) for word in words] == [("failed", None, "")] * TRIES
    assert [word.is_current for word in words] == [False] * (TRIES - 1) + [True]


def test_no_money_is_no_judge(settings):
    settings.EVALS_ROUTES_DAILY_USD = 0.0
    made.compared(small=SMALL, strong=STRONG)
    assert judge() == 0
    assert not Call.objects.filter(purpose="grade").exists()


def test_another_judge_judges_anew_and_the_earlier_word_stays(settings):
    one = made.compared(small=SMALL, strong=STRONG)
    made.said(one, "worse", version="0123456789ab")
    with standin.script(line("tie", SMALL)) as played:
        settings.LLM_JUDGE_MODEL = played.model
        assert judge() == 1
    assert list(RouteVerdict.objects.values_list("label", "is_current")) == [("worse", False), ("tie", True)]
