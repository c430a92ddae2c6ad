"""What the choice did: counts, money that is the ledger's, and what was lost by the choices as they were made."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from chat.models import Route
from chat.versions.states import live_version, make_draft
from evals.models import RouteVerdict
from evals.routing.figures import Figures, figures_by_version, figures_of_days, held_back_by_reason, rules_that_spoke
from llm.models import Call
from tests.evals.routing import made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def prices(settings) -> None:
    settings.LLM_STRONG_MODEL = "the-strong-one"
    settings.LLM_PRICES = ["the-strong-one=2/8"]


def week() -> Figures:
    return figures_of_days(Route.objects.all(), 7)


def a_few() -> None:
    """Two that the small model answered, one held back, one of the strong model; one of the small ones was worse."""
    made.said(made.compared(first="small"), "worse")
    made.said(made.compared(first="small"), "tie")
    made.compared(first="small", held_back="citations")
    made.route(rule="complaint")
    made.route(first="small", at=timezone.now() - timedelta(days=9))


def test_counts_of_the_days():
    a_few()
    seen = week()
    assert (seen.questions, seen.asked_small, seen.by_small, seen.held_back) == (4, 3, 2, 1)
    assert (seen.small_percent, round(seen.held_percent or 0)) == (50.0, 33)
    assert figures_of_days(Route.objects.all(), 30).questions == 5


def test_the_money_is_the_ledgers_sum():
    a_few()
    made.call(uuid.uuid4(), "small", Route.objects.latest("pk"), purpose="triage")  # not the choice's
    money = figures_of_days(Route.objects.all(), 30).money
    calls = Call.objects.filter(purpose__in=["answer", "compare"])
    judges = RouteVerdict.objects.aggregate(cost=Sum("cost_microdollars"))["cost"]
    assert money.spent == calls.aggregate(cost=Sum("cost_microdollars"))["cost"] + judges
    assert money.comparisons == 2 * made.STRONG_COST
    assert money.judges == judges == 100
    by_small = 3 * (2 * made.TOKENS["prompt_tokens"] + 8 * made.TOKENS["completion_tokens"])
    assert money.strong_only == by_small + 2 * made.STRONG_COST
    assert money.saved == (money.strong_only - money.spent) / 1_000_000


def test_an_unknown_price_leaves_the_saving_unknown(settings):
    settings.LLM_PRICES = []
    made.route(first="small")
    assert week().money.saved is None
    made.route()
    assert week().money.unpriced == 1


def test_quality_lost_is_that_of_the_choices_as_they_were_made():
    made.said(made.compared(ease=0.9, first="strong"), "worse")  # nobody was shown that one
    assert week().value.regret.value == 0
    made.said(made.compared(ease=0.1, first="small"), "worse")
    assert week().value.regret.value == 0.5


def test_figures_by_version_are_of_that_version_alone():
    a_few()
    other = make_draft(live_version().assistant, based_on=None)
    made.compared(first="small", version=other)
    made.said(made.compared(first="small", version=other), "worse")
    found = {row.number: seen for row, seen in figures_by_version(Route.objects.all(), 30)}
    assert {number: seen.questions for number, seen in found.items()} == {made.live().number: 5, other.number: 2}
    assert found[other.number].money.comparisons == 2 * made.STRONG_COST
    assert found[other.number].money.judges == 50
    whole = figures_of_days(Route.objects.all(), 30).money
    assert sum(seen.money.spent for seen in found.values()) == whole.spent


def test_why_answers_were_held_back_and_whether_they_would_have_been_good():
    made.said(made.compared(first="small", held_back="citations"), "tie")
    made.compared(first="small", held_back="citations")
    made.route(first="small", held_back="form")
    assert held_back_by_reason(Route.objects.all()) == [
        {"why": "citations", "count": 2, "judged": 1, "good": 1},
        {"why": "form", "count": 1, "judged": 0, "good": 0},
    ]


def test_which_rules_spoke():
    made.route(rule="complaint")
    made.route(rule="complaint")
    made.route()
    assert rules_that_spoke(Route.objects.all()) == [("complaint", 2), ("", 1)]
