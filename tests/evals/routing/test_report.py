"""The report on real traffic: the ledger's money, and each policy on the same pairs."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.models import Route
from evals.routing.report import report_of
from tests.evals.routing import made
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def prices(settings) -> None:
    settings.LLM_STRONG_MODEL = "the-strong-one"
    settings.LLM_PRICES = ["the-strong-one=2/8"]


def printed(**options: Any) -> str:
    out = StringIO()
    call_command("report_routes", stdout=out, **options)
    return out.getvalue()


def judged_by_people(pairs: int) -> None:
    """Easy ones tie; every fourth hard one is worse."""
    anna = person("admin")
    for number in range(pairs):
        is_easy = number % 2 == 0
        pair = made.compared(ease=0.9 if is_easy else 0.3, first="small" if is_easy else "strong")
        made.said(pair, "worse" if number % 4 == 1 else "tie", person=anna)


def test_each_policy_is_measured_on_the_same_pairs():
    judged_by_people(20)
    policies = dict(report_of(30).policies)
    assert policies["strong only"].cost == made.STRONG_COST
    assert policies["small first, where no rule speaks"].regret.value == pytest.approx(0.25)
    done, by_lot = policies["as it was chosen"], policies["by lot, as often"]
    assert (done.asked_of_small, done.regret.value) == (0.5, 0)
    assert (by_lot.asked_of_small, by_lot.regret.value) == pytest.approx((0.5, 0.125))
    assert done.cost == by_lot.cost == (made.STRONG_COST + made.SMALL_COST) / 2
    assert policies["oracle"].by_small == 0.75


def test_it_is_printed_as_a_table_and_as_json_with_the_ledgers_money():
    judged_by_people(20)
    text, told = printed(), json.loads(printed(json=True))
    assert "20 questions for which a model was chosen" in text
    assert "10 · its answer shown 10 · held back 0 · both answered 20 · judged 20, 20 of them by people" in text
    assert "0.00 (" in text
    assert told["policies"]["as it was chosen"]["spared"] == pytest.approx(0.475)
    assert told["dollars"]["comparisons"] == 10 * (made.STRONG_COST + made.SMALL_COST) / 1_000_000
    assert told["judged_by_people"] == 20
    assert told["proposed"] is None  # of 20 pairs nobody can say that they surely lose nothing
    assert "no threshold surely loses at most 1.0 points" in text


def test_a_version_is_reported_alone():
    made.compared()
    Route.objects.update(version=None)
    judged_by_people(2)
    assert report_of(30).figures.questions == 3
    assert report_of(30, made.live()).figures.questions == 2
    assert "of v1 " in printed(which="live")


def test_without_pairs_it_says_what_to_do():
    assert "compare a share of the questions" in printed()
    assert json.loads(printed(json=True))["policies"]["strong only"]["n"] == 0


@pytest.mark.parametrize("options", [{"days": 0}, {"which": "v99"}])
def test_wrong_options_are_told_in_a_sentence(options):
    with pytest.raises(CommandError, match=r"between 1 and|There is no version"):
        printed(**options)
