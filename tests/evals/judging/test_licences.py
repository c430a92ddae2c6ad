"""What a judge may be used for follows from its figures, and lapses when it changes."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from evals.graders import GRADERS
from evals.judging.licences import Use, licence_of
from evals.models import Grading
from evals.reviewing.words import keys_of
from tests.evals.judging.simulating import by_chance, known, simulate, steady

pytestmark = pytest.mark.django_db
GROUNDED, RELEVANCE = GRADERS["groundedness"], GRADERS["relevance"]
KEYS = keys_of(GROUNDED)
GOOD = by_chance(KEYS, 0.97)


@pytest.fixture(autouse=True)
def a_real_judge(settings) -> None:
    settings.LLM_DEMO = False
    settings.LLM_JUDGE_MODEL = "judge-1"


def calibrated(answers: int = 100, judge: float = 0.97, people: float = 0.97, **more) -> None:
    simulate(GROUNDED, answers=answers, judge=by_chance(KEYS, judge), people=by_chance(KEYS, people), **more)
    steady(GROUNDED)


def why(name: str = "groundedness") -> str:
    return " ".join(licence_of(name).why)


def test_a_judge_that_people_agree_with_may_gate():
    calibrated()
    licence = licence_of("groundedness")
    assert (licence.use, licence.may_gate) == (Use.GATE, True)
    assert licence_of("groundedness", GROUNDED.version).may_gate
    assert "100 cases graded by people too" in why()


@pytest.mark.parametrize(("answers", "use"), [(0, Use.EXPLORE), (29, Use.EXPLORE), (59, Use.TREND), (60, Use.GATE)])
def test_few_answers_are_not_enough(answers, use):
    calibrated(answers, judge=1.0, people=1.0)
    assert licence_of("groundedness").use is use
    if answers < 60:
        assert "needed" in why()


def test_a_judge_that_guesses_is_for_exploring_only():
    calibrated(200, judge=0.55)
    assert licence_of("groundedness").use is Use.EXPLORE
    assert "perhaps as low as" in why()


def test_a_middling_judge_shows_trends_and_holds_nothing_back():
    calibrated(300, judge=0.84)
    licence = licence_of("groundedness")
    assert licence.use is Use.TREND
    assert licence.may_trend
    assert not licence.may_gate
    assert "content with" in why()


def test_one_that_has_not_been_asked_again_or_wavers_may_not_gate():
    simulate(GROUNDED, answers=100, judge=GOOD, people=GOOD)
    assert licence_of("groundedness").use is Use.TREND
    assert "probe of repeats" in why()
    steady(GROUNDED, 0.8)
    assert "says the same in 80% of cases" in why()
    steady(GROUNDED, 1.0)  # the latest probe counts
    assert licence_of("groundedness").may_gate


def test_people_must_not_agree_much_more_with_one_another_than_with_it():
    keys = keys_of(RELEVANCE)
    simulate(RELEVANCE, answers=300, judge=by_chance(keys, 0.85), people=by_chance(keys, 1.0))
    steady(RELEVANCE)
    assert licence_of("relevance").use is Use.TREND
    assert "People agree with one another more than with it: κ 1.00" in why("relevance")


def test_dangerous_errors_cost_the_gate_though_agreement_is_high():
    harmless = {"pass": {"pass": 0.97, "fail": 0.03}, "fail": {"pass": 0.3, "fail": 0.7}}
    simulate(GROUNDED, answers=300, judge=harmless, people=by_chance(KEYS, 1.0), truth={"pass": 0.5, "fail": 0.5})
    steady(GROUNDED)
    licence = licence_of("groundedness")
    assert known(known(licence.figures).kappa).value > 0.6
    assert licence.use is Use.TREND
    assert "in which people find harm" in why()


def test_it_lapses_when_the_model_changes_and_says_what_to_do(settings):
    calibrated()
    before = GROUNDED.version
    settings.LLM_JUDGE_MODEL = "judge-2"
    licence = licence_of("groundedness")
    assert licence.use is Use.EXPLORE
    assert "100 answers were graded by another version of it: grade the calibration answers again" in why()
    assert "its model, prompt or rubric has changed" in " ".join(licence_of("groundedness", before).why)
    assert not licence_of("groundedness", before).may_gate
    settings.LLM_JUDGE_MODEL = "judge-1"
    assert licence_of("groundedness").may_gate  # the same judge as before is the one that people agreed with


def test_it_lapses_when_the_rubric_changes(monkeypatch):
    calibrated()
    monkeypatch.setattr("evals.grading.rubric", lambda name: f"Another wording of {name}.")
    assert licence_of("groundedness").use is Use.EXPLORE


def test_it_lapses_with_age(settings):
    calibrated()
    Grading.objects.filter(is_human=False).update(created_at=timezone.now() - timedelta(days=100))
    assert licence_of("groundedness").may_gate
    settings.EVALS_LICENCE_DAYS = 90
    assert licence_of("groundedness").use is Use.EXPLORE
    assert "graded too long ago to count" in why()


def test_what_the_demo_model_says_never_counts(settings):
    calibrated(is_demo=True)
    assert licence_of("groundedness").use is Use.EXPLORE
    assert "100 answers were graded by the demo model" in why()
    Grading.objects.filter(is_human=False).update(is_demo=False)
    assert licence_of("groundedness").may_gate
    settings.LLM_DEMO = True
    assert licence_of("groundedness").use is Use.EXPLORE
    assert "demo model judges" in why()


def test_rules_need_no_licence_and_what_is_gone_has_none():
    assert licence_of("must_include").may_gate
    assert not licence_of("long_gone").may_gate
    assert licence_of("pairwise").use is Use.EXPLORE


def test_it_is_quick_enough_for_a_gate(django_assert_max_num_queries):
    calibrated(500)
    licence_of("groundedness")
    with django_assert_max_num_queries(3):
        began = time.process_time()
        licence_of("groundedness")
    assert time.process_time() - began < 5  # a tenth of that on a desk: this only catches what grows with the square
