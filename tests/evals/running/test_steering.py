"""People pause, resume and stop a run, ask again what failed, and have it graded again; money and troubles end it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from evals.answers import Answer
from evals.cases import Case
from evals.graders import GRADERS
from evals.grading import Grade, grader
from evals.models import Grading, Result, Run
from evals.running import steering
from evals.running.runs import Refused
from evals.running.spending import spent_by
from llm import prices
from llm.models import Call
from tests import standin
from tests.evals.running.starting import draft, eventually, small_set, started, worked
from tests.factories import help_centre

pytestmark = pytest.mark.django_db(transaction=True)

PRICE = (2.0, 8.0)
FEE = "How much is the late fee?"


@pytest.fixture
def slow(settings) -> str:
    """A model that takes a third of a second for an answer; the name under which the stand-in counts its calls."""
    settings.LLM_STRONG_MODEL = "paced-211-100-12"
    return "paced-211-100-12"


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> None:
    for model in ("demo-strong", "demo-small", "demo-judge", "paced-211-100-12"):
        monkeypatch.setitem(prices.USD_PER_MILLION_TOKENS, model, PRICE)


@contextmanager
def under_way(run: Run) -> Iterator[None]:
    """A worker works at it in a thread meanwhile; it has stored an answer, and at the end it has let go."""

    def in_thread() -> None:
        try:
            worked(Run.objects.get(pk=run.pk))
        finally:
            connection.close()

    before = len(answers(run))
    thread = threading.Thread(target=in_thread)
    thread.start()
    try:
        eventually(lambda: len(answers(run)) > before, "an answer")
        yield
    finally:
        thread.join(60)
    assert not thread.is_alive()
    run.refresh_from_db()


def answers(run: Run) -> list[Result]:
    return list(Result.objects.filter(run=run, error=""))


def calls_of(model: str, since: int) -> int:
    return len(standin.calls(model)) - since


def bare(**more: object) -> dict[str, object]:
    """A run of many cases by an assistant that asks its model once for each."""
    help_centre()
    row = draft(guardrails={}, tools=[], follow_ups=False, triage={"when": "never"})
    return {"version": row, **more}


def test_a_pause_lets_what_is_in_flight_end_and_begins_nothing_more(slow: str):
    begun = len(standin.calls(slow))
    run = started(small_set(60, question=FEE), **bare())
    with under_way(run):
        assert steering.pause(run)
    assert (run.state, run.worker) == ("paused", "")
    assert 0 < len(answers(run)) < 60
    assert calls_of(slow, begun) == len(answers(run))
    assert {call["outcome"] for call in standin.calls(slow)[begun:]} == {"done"}


def test_after_a_pause_it_goes_on_with_what_is_missing(slow: str, settings):
    settings.EVALS_CONCURRENCY = 8
    begun = len(standin.calls(slow))
    run = started(small_set(24, question=FEE), **bare())
    with under_way(run):
        steering.pause(run)
    assert steering.resume(run)
    assert worked(run).state == "done"
    assert len(answers(run)) == calls_of(slow, begun) == 24
    assert Grading.objects.count() == 24


def test_a_stopped_run_keeps_what_it_has_and_is_not_resumed(slow: str):
    run = started(small_set(60, question=FEE), **bare())
    with under_way(run):
        assert steering.stop(run)
    assert (run.state, run.worker) == ("stopped", "")
    assert run.ended_at
    assert not steering.resume(run)
    assert not steering.pause(run)
    assert not steering.retry(run)
    assert worked(run).state == "stopped"


def test_two_workers_at_once_ask_each_case_once(slow: str):
    begun = len(standin.calls(slow))
    run = started(small_set(8, question=FEE), **bare())
    with under_way(run):
        worked(run)
        worked(run)
    assert (run.state, len(answers(run)), calls_of(slow, begun)) == ("done", 8, 8)


def test_a_slice_ends_in_time_and_the_rest_is_left_for_the_next(slow: str):
    run = started(small_set(12, question=FEE), **bare())
    done = worked(run, seconds=0)
    assert (done.state, len(answers(run))) == ("done", 12)  # slice after slice


def test_a_budget_is_not_passed_and_can_be_raised(priced):
    run = started(small_set(12, question=FEE), **bare(budget_microdollars=1))
    Run.objects.update(estimate_microdollars=12)  # a first answer seems to cost 1 microdollar, and fits
    run = worked(run)
    assert run.state == "over_budget"
    assert "does not allow one more answer" in run.problem
    assert len(answers(run)) == 1
    each = spent_by(run).microdollars
    assert each > 1  # more than anybody could expect
    with pytest.raises(Refused, match="has spent"):
        steering.resume(run, budget_microdollars=each)
    assert steering.resume(run, budget_microdollars=round(5.5 * each))
    run = worked(run)
    assert run.state == "over_budget"
    assert len(answers(run)) == 5
    assert spent_by(run).microdollars <= 5.5 * each
    assert steering.resume(run, budget_microdollars=20 * each)
    assert worked(run).state == "done"
    assert len(answers(run)) == 12


def test_a_budget_that_could_not_be_held_is_refused():
    with pytest.raises(Refused, match="No price is known of demo-strong"):
        started(small_set(1), budget_microdollars=1_000_000)


def test_a_provider_that_refuses_the_key_pauses_the_run_at_once(settings):
    settings.LLM_STRONG_MODEL = "fault-401"
    run = worked(started(small_set(30, question=FEE), **bare()))
    assert run.state == "paused"
    assert "refuses our key" in run.problem
    assert not Result.objects.exists()
    assert Call.objects.filter(purpose="eval").count() <= settings.EVALS_CONCURRENCY
    settings.LLM_STRONG_MODEL = "demo-strong"
    assert steering.resume(run)
    assert worked(run).state == "done"
    assert run.problem == ""
    assert len(answers(run)) == 30


def test_a_provider_that_is_down_pauses_the_run_after_a_few(settings):
    settings.LLM_RETRIES = 0
    settings.LLM_STRONG_MODEL = "fault-503"
    run = worked(started(small_set(30, question=FEE), **bare()))
    assert (run.state, run.problem) == ("paused", "The model's server cannot be reached, or fails.")
    assert not Result.objects.exists()
    asked = Call.objects.filter(purpose="eval", error_code="provider_down").count()
    assert asked <= 5 + settings.EVALS_CONCURRENCY


def test_a_case_that_fails_is_an_error_and_no_bad_answer_and_is_asked_again_alone(settings):
    settings.LLM_RETRIES = 0
    run = worked(started(small_set(3, question=FEE), **bare()))
    assert not steering.retry(run)
    Result.objects.filter(case__key="case-1").delete()
    with standin.script({"reply": {"finish_reason": "stop"}}, {"reply": {"finish_reason": "stop"}}) as played:
        settings.LLM_STRONG_MODEL = played.model  # says nothing, twice
        Run.objects.update(state="waiting")
        run = worked(run)
    failed = Result.objects.get(case__key="case-1")
    assert (run.state, failed.error, failed.passed, failed.text) == ("done", "no_answer", None, "")
    assert not failed.gradings.exists()
    assert failed.prompt_tokens > 0  # it was paid for
    settings.LLM_STRONG_MODEL = "demo-strong"
    others = set(Result.objects.filter(error="").values_list("pk", flat=True))
    assert steering.retry(run) == 1
    run = worked(run)
    again = Result.objects.get(case__key="case-1")
    assert (run.state, again.error) == ("done", "")
    assert others < set(Result.objects.values_list("pk", flat=True))
    assert again.prompt_tokens > failed.prompt_tokens  # of all attempts


def judge(words: str) -> None:
    """Put a rule that says these words on the shelf."""

    @grader(kind="rule")
    async def says(case: Case, answer: Answer) -> Grade:
        """Says so."""
        return Grade.scored(0.0, words, is_hard_failure=True)

    GRADERS["says"] = says


@pytest.fixture
def _tidy_shelf() -> Iterator[None]:
    yield
    GRADERS.pop("says", None)


@pytest.mark.usefixtures("_tidy_shelf")
def test_graded_again_no_question_is_asked_and_what_was_said_is_kept():
    judge("at first")
    run = worked(started(small_set(3), graders=["must_include", "says"]))
    asked = Call.objects.count()
    assert set(Result.objects.values_list("is_hard_failure", flat=True)) == {True}
    judge("later")
    assert steering.grade_again(run)
    assert worked(run).state == "done"
    assert Call.objects.count() == asked
    says = Grading.objects.filter(grader="says")
    assert set(says.values_list("reason", "is_current")) == {("at first", False), ("later", True)}
    assert says.count() == 6
    assert "again" not in run.circumstances


@pytest.mark.usefixtures("_tidy_shelf")
def test_a_stopped_run_is_graded_again_and_stays_stopped():
    judge("words")
    run = worked(started(small_set(3)))
    Result.objects.filter(case__key="case-2").delete()
    Run.objects.update(state="stopped")
    assert steering.grade_again(run, ["says"])
    assert worked(run).state == "stopped"
    assert set(run.graders) == {"must_include", "says"}
    assert Grading.objects.filter(grader="says").count() == 2
    assert not Grading.objects.filter(grader="must_include", is_current=False).exists()


@pytest.mark.usefixtures("_tidy_shelf")
def test_a_grader_that_changed_in_the_middle_of_a_run_grades_all_of_it():
    judge("at first")
    run = worked(started(small_set(2), graders=["says"]))
    Grading.objects.update(version="000000000000")  # as if its code had been another one
    Run.objects.update(state="waiting")
    worked(run)
    assert Grading.objects.filter(is_current=True).exclude(version="000000000000").count() == 2
    assert Grading.objects.filter(is_current=False).count() == 2


def test_what_cannot_be_graded_is_refused():
    run = started(small_set(1))
    assert not steering.grade_again(run)
    with pytest.raises(Refused, match="on the shelf"):
        steering.grade_again(run, ["nobody"])
