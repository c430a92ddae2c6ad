"""The page of live traffic: how to switch it on, the scores, what has changed, and the worst turns."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from evals.models import Result, Review, Run
from tests.evals.factories import grading, result
from tests.evals.online.test_scores import day, steady
from tests.evals.online.traffic import turn
from tests.people import person

pytestmark = pytest.mark.django_db
ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture
def agent() -> Client:
    client = Client()
    client.force_login(person("agent"))
    return client


def page(client: Client) -> str:
    response = client.get(reverse("online"))
    assert response.status_code == 200
    return response.content.decode()


def test_without_a_turn_it_says_what_will_come(agent):
    shown = page(agent)
    assert "No real turn was graded yet" in shown
    assert "5 % of all turns" in shown


def test_switched_off_it_says_how_to_switch_it_on(agent, settings):
    settings.EVALS_ONLINE_SHARE = 0.0
    assert "Set EVALS_ONLINE_SHARE" in page(agent)


def test_scores_and_turns_are_on_the_page(agent):
    steady(0.9)
    shown = page(agent)
    assert "5,600 turns, 280 of them graded" in shown
    assert "All rules together" in shown
    assert 'class="series"' in shown
    assert 'role="alert"' not in shown


def test_a_fall_is_said_at_the_top(agent):
    steady(0.95, later=0.6)
    shown = page(agent)
    assert shown.index('role="alert"') < shown.index("All rules together</h2>")
    assert "points down in the last 7 days" in shown


def test_the_worst_turns_come_with_their_reasons_and_go_to_people(agent):
    run = day(0, good=1, bad=0)
    hard = result(run, text="Hard.", passed=False, is_hard_failure=True)
    grading(hard, "off_rails", score=0.0, passed=False, reason="names another lender")
    disliked = result(run, text="Disliked.", reply=turn(thumb="down"))
    good = result(run, text="Good.")
    shown = page(agent)
    table = shown[shown.index('id="worst"') :]
    assert table.index("Hard.") < table.index("Disliked.")
    assert "names another lender" in table
    assert reverse("result", args=[good.pk]) not in table
    body = {"result": [hard.pk, disliked.pk], "rubric": "tone", "back": reverse("online")}
    assert agent.post(reverse("send_to_review"), body)["Location"] == reverse("online")
    assert set(Review.objects.values_list("result", flat=True)) == {hard.pk, disliked.pk}


def test_hostile_turns_stay_words(agent):
    run = day(0, good=1, bad=0)
    row = result(run, question=ATTACK, text=ATTACK, passed=False)
    grading(row, "off_rails", score=0.0, passed=False, reason=ATTACK)
    assert "<img" not in page(agent)
    assert Result.objects.filter(run__trigger=Run.Trigger.ONLINE).exists()
