"""Scores over time, weighed as all turns would be; a change of late is found, told once, and never made up."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from chat.models import AssistantVersion
from chat.versions.states import live_version
from evals.models import Run
from evals.online.alerting import sentence, tell
from evals.online.scores import DAYS, LATELY, scores_now
from tests.evals.factories import grading, result

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outbox(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ADMINS = [("Ann", "ann@example.com")]
    for name in ("passed", "disliked", "tone", "latency"):
        cache.delete(f"alert:traffic:{name}")
    mail.outbox = []


def day(back: int, *, good: int, bad: int, turns: int = 200, disliked: int = 0) -> Run:
    """A day's run: so many sampled turns that passed the rules, and that failed."""
    began = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=back)
    run = Run.objects.create(
        trigger=Run.Trigger.ONLINE,
        state="done",
        assistant_version=AssistantVersion.objects.get(number=live_version().number),
        started_at=began,
        circumstances={
            "day": began.date().isoformat(),
            "share": 0.05,
            "turns": {"disliked": disliked, "rest": turns - disliked},
        },
    )
    for number in range(good + bad):
        row = result(run, passed=None, weight=20)
        row.passed = number < good
        row.save()
    return run


def steady(share: float = 0.9, *, later: float | None = None, seed: int = 1) -> None:
    """Ten turns on each day."""
    rng = random.Random(seed)
    for back in range(DAYS):
        now = later if later is not None and back < LATELY else share
        good = sum(rng.random() < now for _ in range(10))
        day(back, good=good, bad=10 - good)


def score(name: str = "passed"):
    return next(one for one in scores_now().scores if one.name == name)


def test_each_day_has_its_point_and_the_last_days_their_score():
    day(0, good=9, bad=1)
    day(3, good=5, bad=5)
    passed = score()
    assert len(passed.points) == DAYS
    assert passed.points[-1].estimate.value == pytest.approx(0.9)
    assert passed.points[-4].estimate.value == pytest.approx(0.5)
    assert passed.points[-2].estimate is None
    assert passed.now.value == pytest.approx(0.7)
    assert passed.drift is None  # nothing to compare with


def test_a_fall_is_found_and_told_once():
    steady(0.95, later=0.6)
    passed = score()
    assert passed.is_worse
    assert passed.drift.value < -0.2
    assert tell(scores_now()) == ["passed"]
    assert tell(scores_now()) == []
    (message,) = mail.outbox
    assert "answers to customers have got worse" in message.subject
    assert "All rules together" in message.body
    assert "points down in the last 7 days" in message.body


def test_a_rise_is_shown_and_nobody_is_woken():
    steady(0.5, later=0.95)
    passed = score()
    assert passed.has_changed
    assert not passed.is_worse
    assert "points up" in sentence(passed)
    assert tell(scores_now()) == []
    assert mail.outbox == []


def test_what_stays_as_it_was_is_no_change():
    steady(0.85, seed=5)
    assert not score().has_changed
    assert tell(scores_now()) == []


def test_few_turns_say_nothing():
    day(1, good=0, bad=10)
    day(10, good=100, bad=0)
    assert score().drift is None


def test_more_metrics_make_a_change_harder_to_claim():
    """The same fall among many metrics that stand still is adjusted for their number (Holm)."""
    steady(0.9, later=0.72, seed=3)
    alone = score()
    rows = [row for run in Run.objects.all() for row in run.results.all()]
    for number, row in enumerate(rows):
        for name in ("tone", "relevance", "format", "citations"):
            grading(row, name, score=float(number % 5 != 0))
    beside = score()
    assert beside.drift == alone.drift
    assert alone.p < beside.p <= alone.p * 6


def test_thumbs_are_counted_over_all_turns_and_more_of_them_are_worse():
    for back in range(DAYS):
        day(back, good=5, bad=0, turns=100, disliked=20 if back < LATELY else 2)
    down = score("disliked")
    assert down.now.value == pytest.approx(0.2)
    assert down.is_worse
    assert "points more" in sentence(down)


def test_failures_and_demo_words_are_no_scores_and_abstentions_have_none():
    run = day(0, good=4, bad=0)
    first, second, third, fourth = run.results.all()
    grading(first, "tone", score=0.5)
    grading(second, "tone", outcome="failed")
    grading(third, "tone", outcome="abstained")
    grading(fourth, "tone", score=1.0, is_demo=True)
    grading(fourth, "relevance", score=1.0, is_demo=True)
    assert score("tone").now is None or score("tone").now.value == 0.5
    assert "relevance" not in {one.name for one in scores_now().scores}


def test_versions_are_named_from_the_day_on_which_they_first_answered():
    day(2, good=1, bad=0)
    day(1, good=1, bad=0)
    number = AssistantVersion.objects.get(state="live").number
    assert scores_now().versions == ((day_back(2), number),)


def day_back(days: int) -> date:
    return (timezone.localtime() - timedelta(days=days)).date()


def test_what_is_older_than_the_window_is_not_read():
    day(DAYS + 1, good=3, bad=0)
    assert scores_now().graded == 0
    assert scores_now(now=timezone.now() - timedelta(days=5)).graded == 3


def test_a_month_of_traffic_is_on_the_page_within_a_few_queries(django_assert_max_num_queries):
    steady()
    with django_assert_max_num_queries(6):
        scores_now()
