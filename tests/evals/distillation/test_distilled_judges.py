"""A taught judge takes the strong one's place only where it agrees with people as well, and a click gives it back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from asgiref.sync import async_to_sync

from evals import appointments
from evals.distillation.options import Refused
from evals.distillation.promoting import is_live, retire, take_back
from evals.distillation.replacing import appoint, calibrate, replacement_of
from evals.graders import GRADERS
from evals.judging import probes
from evals.judging.figures import figures_of
from evals.judging.licences import Use, licence_of
from evals.judging.taught import taught_with
from evals.models import Grading, Result, TrainingExample, TunedModel
from evals.reviewing.words import key_of, keys_of, words_of
from evals.running.marking import mark
from llm.database import in_database
from tests import standin
from tests.evals.distillation.sets import ready_set
from tests.evals.factories import answer, case
from tests.evals.judging.simulating import by_chance, simulate, steady

pytestmark = pytest.mark.django_db(transaction=True)
GROUNDED = GRADERS["groundedness"]
KEYS = keys_of(GROUNDED)
STRONG, TAUGHT = "judge-1", "ft:judge::1"


@pytest.fixture(autouse=True)
def a_real_judge(settings, monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(appointments, "KNOWN_FOR", 600.0)  # a slow machine does not read again by itself
    settings.LLM_DEMO = False
    settings.LLM_JUDGE_MODEL = STRONG
    settings.EVALS_CONCURRENCY = 1
    appointments.forget()
    yield
    appointments.forget()


def taught_judge(name: str = TAUGHT, **more: Any) -> TunedModel:
    return TunedModel.objects.create(name=name, **{"role": "judge", "grader": "groundedness", "base": "small", **more})


def graded_by_both(answers: int, *, strong: float = 0.97, taught: float = 0.97, name: str = TAUGHT) -> None:
    """People, the strong judge, and the taught one, who is as often right as `taught` says and errs by itself."""
    simulate(GROUNDED, answers=answers, judge=by_chance(KEYS, strong), people=by_chance(KEYS, 0.98))
    steady(GROUNDED)
    words = {word.key: word for word in words_of(GROUNDED)}
    random = np.random.default_rng(5)
    judge = GROUNDED.asking(name)
    rows = []
    for said in Grading.objects.filter(grader="groundedness", is_human=False).order_by("pk"):
        key = key_of(judge, said.label, said.points, said.passed)
        slips = random.random() > taught
        word = words[next(other for other in KEYS if other != key)] if slips else words[key]
        worth = {"label": word.label, "score": word.score, "passed": word.passed}
        columns = {"grader": judge.name, "version": judge.version, "model": name, "is_current": False}
        rows.append(Grading(result_id=said.result_id, outcome="scored", **worth, **columns))
    Grading.objects.bulk_create(rows)


def test_one_that_agrees_as_well_takes_over_in_every_process_and_by_one_click_gives_it_back():
    graded_by_both(160, taught=1.0)
    tuned = taught_judge()
    replacement = replacement_of(tuned)
    assert replacement.may_take_over
    assert "On 160 cases that it was not taught with" in replacement.words
    assert replacement.difference is not None
    assert replacement.difference.value == 0
    assert replacement.difference.low < 0  # what was never seen to differ may still differ
    before = GROUNDED.version
    assert licence_of("groundedness").may_gate
    appoint(tuned)
    assert (GROUNDED.model, is_live(tuned)) == (TAUGHT, True)
    assert GRADERS["tone"].model == STRONG
    expired = licence_of("groundedness", before)
    assert (expired.use, "has changed" in expired.why[0]) == (Use.EXPLORE, True)
    assert licence_of("groundedness").use is Use.TREND  # it was not put to the probe of repeats yet
    retire(tuned)
    assert (GROUNDED.model, GROUNDED.version) == (STRONG, before)
    assert licence_of("groundedness").may_gate


def test_the_judge_that_is_asked_follows_the_appointment_within_seconds(monkeypatch):
    """Another process has appointed it: nobody told this one."""
    verdict = {"reply": {"text": json.dumps({"evidence": [], "reasoning": "so", "points": 5})}}
    relevance, one = GRADERS["relevance"], case()
    with standin.script(verdict, verdict) as mine, standin.script(verdict) as its:
        monkeypatch.setattr("django.conf.settings.LLM_JUDGE_MODEL", mine.model)
        assert async_to_sync(mark)(relevance, one, answer()).grade.points == 5
        tuned = taught_judge(its.model, grader="relevance", appointed_at="2026-01-01T00:00Z")
        assert relevance.model == mine.model
        monkeypatch.setattr(appointments._known, "until", time.monotonic())  # some seconds later
        async_to_sync(mark)(relevance, one, answer())
        assert (relevance.model, len(its.calls)) == (its.model, 1)
        TunedModel.objects.filter(pk=tuned.pk).update(retired_at="2026-01-02T00:00Z")
        monkeypatch.setattr(appointments._known, "until", 0.0)
        async_to_sync(mark)(relevance, one, answer())


async def test_a_loop_that_runs_reads_appointments_too_and_a_second_reading_asks_nobody():
    await in_database(taught_judge, appointed_at="2026-01-01T00:00Z")
    appointments.forget()
    assert GROUNDED.model == TAUGHT
    await in_database(TunedModel.objects.all().delete)
    assert {GROUNDED.model for _ in range(1_000)} == {TAUGHT}  # what was known, until it is read again


@pytest.mark.parametrize(
    ("answers", "taught", "words"),
    [
        (40, 1.0, "40 cases .* 60 are needed"),
        (70, 1.0, "Too few cases to show that it is not worse by more than 0.05: about [0-9]+ are needed"),
        (160, 0.8, "worse by more than 0.05"),
    ],
)
def test_one_of_which_that_is_not_shown_does_not_take_over(answers: int, taught: float, words: str):
    graded_by_both(answers, taught=taught)
    with pytest.raises(Refused, match=words):
        appoint(taught_judge())
    assert GROUNDED.model == STRONG


def test_what_it_was_taught_with_is_not_held_for_it():
    """It knows those words of people by heart: neither the comparison nor its licence counts them."""
    graded_by_both(160, taught=1.0)
    learned = list(Result.objects.order_by("pk").values_list("case__key", flat=True)[:110])
    made = ready_set(lines=0, kind="judge", grader="groundedness")
    TrainingExample.objects.bulk_create(
        TrainingExample(training_set=made, part="train", key=unit, line={}, origin={"unit": unit}) for unit in learned
    )
    tuned = taught_judge(training_set=made)
    again = taught_judge("ft:judge::2", base=TAUGHT)  # made from the first
    assert taught_with(TAUGHT) == taught_with(again.name) == frozenset(learned)
    replacement = replacement_of(tuned)
    assert (replacement.cases, replacement.may_take_over) == (50, False)
    figures = figures_of(GROUNDED.asking(TAUGHT))
    assert (figures.cases, figures.left_out["taught"]) == (50, 110)
    assert any("in what it was taught with" in why for why in replacement.licence.why)
    assert figures_of(GROUNDED).cases == 160


def test_calibration_asks_the_taught_model_and_leaves_the_strong_ones_words_standing():
    said = {"reply": {"text": json.dumps({"evidence": [], "reasoning": "so", "points": 2})}}
    simulate(GRADERS["relevance"], answers=3, judge=by_chance("12345", 1.0), people=by_chance("12345", 1.0))
    with standin.script(said, said) as played:
        made = ready_set(lines=0, kind="judge", grader="relevance")
        unit = Result.objects.order_by("pk")[0].case
        assert unit is not None
        TrainingExample.objects.create(training_set=made, part="train", key="k", line={}, origin={"unit": unit.key})
        tuned = taught_judge(played.model, grader="relevance", training_set=made)
        probe = calibrate(tuned, by=None)
        assert probe.model == played.model
        async_to_sync(probes.run_probe)(probe.pk)
        replacement = replacement_of(tuned)
    current = Grading.objects.filter(grader="relevance", is_human=False, is_current=True)
    assert set(current.values_list("model", flat=True)) == {STRONG}
    assert Grading.objects.filter(model=played.model, is_current=False, points=2).count() == 2
    assert (replacement.cases, replacement.left_out) == (2, 0)  # the third one it was taught with


def test_of_two_that_may_one_judges():
    graded_by_both(160, taught=1.0)
    first, second = taught_judge(), taught_judge("ft:judge::2")
    judge = GROUNDED.asking(second.name)
    for said in Grading.objects.filter(model=TAUGHT):
        said.pk, said.version, said.model = None, judge.version, second.name
        said.save()
    appoint(first)
    appoint(second)
    assert GROUNDED.model == second.name
    first.refresh_from_db()
    assert first.retired_at is not None
    take_back(first)
    assert GROUNDED.model == second.name


def test_the_demo_model_judges_nobodys_place(settings):
    settings.LLM_DEMO = True
    with pytest.raises(Refused, match="demo model judges here"):
        appoint(taught_judge())


@pytest.mark.parametrize(
    ("grader", "words"), [("pairwise", "do not compare"), ("gone", "on the shelf"), ("cost", "shelf")]
)
def test_a_place_that_cannot_be_measured_is_nobodys(grader: str, words: str):
    with pytest.raises(Refused, match=words):
        replacement_of(taught_judge(grader=grader))
