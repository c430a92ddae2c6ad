"""A judge is put to the probe: asked again, given padded answers, or all that people graded; and each word is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from asgiref.sync import async_to_sync

from evals.graders import GRADERS
from evals.judging import probes
from evals.judging.figures import figures_of
from evals.judging.padding import padded
from evals.models import Grading, JudgeProbe, Run
from tests import standin
from tests.evals.factories import case, dataset, grading, run_of
from tests.evals.judging.simulating import by_chance, simulate

pytestmark = pytest.mark.django_db(transaction=True)
RELEVANCE = GRADERS["relevance"]


@pytest.fixture(autouse=True)
def a_real_judge(settings) -> None:
    settings.LLM_DEMO = False
    settings.EVALS_CONCURRENCY = 1  # so that a script is played in order


@contextmanager
def judging(settings, *points: int) -> Iterator[standin.Played]:
    """A judge that gives these points, in this order."""
    lines = [{"reply": {"text": json.dumps({"evidence": [], "reasoning": "so", "points": each})}} for each in points]
    with standin.script(*lines) as played:
        settings.LLM_JUDGE_MODEL = played.model
        yield played


def graded(count: int) -> Run:
    run = run_of(dataset(*(case(f"case-{n}") for n in range(count))))
    for row in run.results.all():
        grading(row, "relevance", points=5)
    return run


def go(kind: str) -> JudgeProbe:
    probe = probes.begin(RELEVANCE, kind, by=None)
    async_to_sync(probes.run_probe)(probe.pk)
    probe.refresh_from_db()
    return probe


def test_repeats_ask_the_same_again(settings):
    graded(2)
    with judging(settings, 5, 5, 4, 3, 3, 3):
        probe = go("repeats")
    assert (probe.state, probe.problem) == ("done", "")
    assert [word["word"] for word in probe.words] == ["5", "5", "4", "3", "3", "3"]
    assert Grading.objects.filter(grader="relevance").count() == 2  # a probe's words are no grades


def test_padded_answers_say_the_same_with_more_words(settings):
    run = graded(1)
    with judging(settings, 4, 5) as played:
        probe = go("padding")
        plain, longer = [call["messages"][-1]["content"] for call in played.calls]
        assert figures_of(RELEVANCE).steady.padding is None  # one answer has no interval
    text = run.results.get().text
    assert text in plain
    assert len(longer) > len(plain) + 150
    assert [word["score"] for word in probe.words] == [0.75, 1.0]


@pytest.mark.parametrize("language", ["en", "es-MX", "zh", "tlh"])
def test_padding_adds_no_fact(language):
    longer = padded("The fee is $35. [1]", language)
    assert "The fee is $35. [1]" in longer
    assert not any(character.isdecimal() for character in longer.replace("The fee is $35. [1]", ""))


def test_calibration_grades_what_people_graded_and_nothing_else(settings):
    simulate(
        RELEVANCE, answers=2, judge=by_chance("12345", 1.0), people=by_chance("12345", 1.0), seed=3,
    )  # fmt: skip
    Grading.objects.filter(is_human=False, grader="relevance").update(version="before")
    graded(1)
    with judging(settings, 5, 1):
        go("calibration")
        figures = figures_of(RELEVANCE)
        with pytest.raises(probes.NotProbed, match="nothing to do again"):
            probes.begin(RELEVANCE, "calibration", by=None)
    assert (len(figures.pairs), figures.left_out["another"]) == (2, 0)
    assert Grading.objects.filter(grader="relevance", version="before", is_current=False).count() == 2


def test_one_that_died_goes_on_where_it_was(settings):
    run = graded(2)
    with judging(settings, 2, 2):
        probe = probes.begin(RELEVANCE, "padding", by=None)
        first = run.results.order_by("id")[0].pk
        probe.words = [{"result": first, "round": n, "word": "5", "score": 1.0} for n in (1, 2)]
        probe.save()
        async_to_sync(probes.run_probe)(probe.pk)
        async_to_sync(probes.run_probe)(probe.pk)  # told twice: it has ended
    probe.refresh_from_db()
    assert [word["word"] for word in probe.words] == ["5", "5", "2", "2"]


def test_a_judge_that_breaks_says_nothing_and_the_probe_ends(settings):
    graded(1)
    settings.LLM_JUDGE_MODEL = "fault-401"
    probe = go("repeats")
    assert probe.state == "done"
    assert [word["word"] for word in probe.words] == ["", "", ""]


def test_a_judge_that_changed_meanwhile_is_not_asked(settings):
    graded(1)
    settings.LLM_JUDGE_MODEL = "one"
    probe = probes.begin(RELEVANCE, "repeats", by=None)
    settings.LLM_JUDGE_MODEL = "other"
    async_to_sync(probes.run_probe)(probe.pk)
    probe.refresh_from_db()
    assert probe.state == "failed"
    assert "has changed" in probe.problem


def test_two_clicks_are_one_probe_and_without_answers_there_is_none():
    with pytest.raises(probes.NotProbed, match="no answers"):
        probes.begin(RELEVANCE, "repeats", by=None)
    graded(1)
    probes.begin(RELEVANCE, "repeats", by=None)
    with pytest.raises(probes.NotProbed, match="under way"):
        probes.begin(RELEVANCE, "repeats", by=None)
    assert JudgeProbe.objects.count() == 1


def test_what_it_will_cost_is_told_from_what_words_have_cost():
    graded(2)
    assert probes.plan_of(RELEVANCE, "repeats") == probes.Plan(6, None)
    Grading.objects.filter(grader="relevance").update(cost_microdollars=500)
    assert probes.plan_of(RELEVANCE, "repeats") == probes.Plan(6, 0.003)
