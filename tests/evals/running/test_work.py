"""A run asks each case once for each repetition, stores and grades each answer, and ends with nothing left to do."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from django.db import transaction

from chat.models import AssistantVersion
from chat.versions.states import version_of
from evals.answers import Answer
from evals.cases import Case
from evals.graders import GRADERS
from evals.grading import Grade, grader
from evals.models import CaseRevision, Grading, Result, Run
from evals.running.asking import Asked
from evals.running.lease import LostLease, abandoned, take
from evals.running.runs import version_of_run
from llm.models import Call
from tests.evals.factories import case, dataset
from tests.evals.running.starting import draft, small_set, started, worked
from tests.factories import help_centre
from tests.knowledge.shelves import shelve

pytestmark = pytest.mark.django_db(transaction=True)


@grader(kind="rule")
async def liked(case: Case, answer: Answer) -> Grade:
    """Likes all."""
    return Grade.scored(1.0)


@grader(kind="rule")
async def broken(case: Case, answer: Answer) -> Grade:
    """Breaks."""
    raise KeyError("colour")


@grader(kind="measure", compares=True)
async def likened(case: Case, answer: Answer, baseline: Answer | None) -> Grade:
    """Says what it was given."""
    return Grade.scored(1.0, baseline.text) if baseline else Grade.abstained("no baseline")


@grader(kind="rule")
async def echoing(case: Case, answer: Answer) -> Grade:
    """Says with a NUL what it read."""
    return Grade.scored(0.0, f"said:\x00 {answer.text}")


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in (liked, broken, likened, echoing):
        monkeypatch.setitem(GRADERS, one.name, one)


def test_every_case_is_asked_for_each_repetition_and_graded():
    help_centre()
    run = worked(started(small_set(3, must_include=["late fee"], question="What is the late fee?"), repetitions=2))
    assert (run.state, run.worker, run.problem) == ("done", "", "")
    assert sorted(Result.objects.values_list("case__key", "repetition")) == [
        (f"case-{number}", repetition) for number in range(3) for repetition in (1, 2)
    ]
    assert set(Result.objects.values_list("passed", "error")) == {(True, "")}
    assert Grading.objects.by_machines().count() == 6
    assert run.ended_at
    assert run.started_at


def test_an_answer_is_kept_with_its_passages_its_receipt_and_its_calls_in_the_ledger():
    help_centre()
    worked(started(dataset(case("fee", question="How much is the late fee?"))))
    result = Result.objects.get()
    assert "$35" in result.text
    assert result.reading.text == result.text
    assert result.reading.passages[0].name == "Late fees.md"
    assert [step["step"] for step in result.receipt["steps"]].count("search") == 1
    assert set(Call.objects.filter(turn=result.turn).values_list("purpose", flat=True)) >= {"eval"}
    assert result.completion_tokens > 0
    assert (result.served_by, result.model) == ("model", "demo-strong")


def test_a_grader_that_breaks_leaves_the_answer_unjudged_and_is_seen(shelf):
    worked(started(small_set(1), graders=["liked", "broken"]))
    assert Result.objects.get().passed is None
    said = {row.grader: (row.outcome, row.score, row.reason) for row in Grading.objects.all()}
    assert said == {"liked": ("scored", 1.0, ""), "broken": ("failed", None, "KeyError: 'colour'")}


def test_a_grader_that_compares_is_given_the_baselines_answer_to_the_same_case(shelf):
    made = small_set(2)
    first = worked(started(made, graders=["likened"], repetitions=2))
    assert set(Grading.objects.values_list("outcome", flat=True)) == {"abstained"}
    assert not Grading.objects.exclude(against=None).exists()
    second = worked(started(made, graders=["likened"], repetitions=2, baseline=first))
    for grading in Grading.objects.filter(result__run=second).select_related("result", "against"):
        assert grading.against
        assert (grading.against.run_id, grading.outcome) == (first.pk, "scored")
        assert (grading.against.case_id, grading.against.repetition) == (
            grading.result.case_id,
            grading.result.repetition,
        )
        assert grading.reason == grading.against.text
    assert not Grading.objects.filter(result__run=second, is_current=False).exists()


def test_each_case_sees_what_its_audience_may_read():
    shelve("The fee is $35.", title="Fees", audience="staff")
    cases = [
        case(audience, question="What is the fee?", audience=audience) for audience in ("public", "customers", "staff")
    ]
    worked(started(dataset(*cases)))
    found = {result.case.key: result.reading.found for result in Result.objects.all() if result.case}
    assert found == {"public": (), "customers": (), "staff": ("Fees.md",)}


def test_repetitions_are_asked_with_seeds_of_their_own():
    worked(started(small_set(1), repetitions=3))
    assert len(set(Call.objects.filter(purpose="eval").values_list("seed", flat=True))) == 3


async def test_at_most_so_many_are_in_flight(monkeypatch: pytest.MonkeyPatch, settings):
    settings.EVALS_CONCURRENCY = 2
    under_way = most = 0
    two_at_once = asyncio.Event()

    async def answer_slowly(asked: Case, version: object, **more: object) -> object:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 2:
            two_at_once.set()
        await asyncio.wait_for(two_at_once.wait(), 20)
        await asyncio.sleep(0.02)
        under_way -= 1
        raise RuntimeError("no answer here")

    monkeypatch.setattr("evals.running.shift.ask", answer_slowly)
    run = await asyncio.to_thread(lambda: worked(started(small_set(4))))
    assert most == 2
    assert run.state == "paused"


def test_what_the_database_cannot_hold_is_taken_out_of_all_that_is_kept(monkeypatch: pytest.MonkeyPatch, shelf):
    async def hostile(asked: Case, version: object, *, turn_id: uuid.UUID, **more: object) -> Asked:
        answer = Answer("Late\x00 fees\ud800.", model="m\x00", cited=("a\x00.md",))
        return Asked(turn_id, {"steps": [{"step": "search\x00", "asked": "\udfff"}]}, answer)

    monkeypatch.setattr("evals.running.shift.ask", hostile)
    worked(started(small_set(1), graders=["echoing"]))
    result = Result.objects.get()
    assert (result.text, result.model, result.reading.cited) == ("Late fees.", "m", ("a.md",))
    assert result.receipt["steps"] == [{"step": "search", "asked": ""}]
    assert Grading.objects.get().reason == "said: Late fees."


def test_two_workers_never_have_the_same_run():
    run = started()
    mine = take(run.pk)
    assert mine
    assert take(run.pk) is None
    mine.release(state=Run.State.WAITING)
    theirs = take(run.pk)
    assert theirs
    assert theirs.token != mine.token
    with pytest.raises(LostLease):
        mine.renew()


def test_a_silent_workers_run_is_taken_over_and_what_it_still_brings_is_not_stored(settings):
    settings.EVALS_LEASE_SECONDS = 0.0
    run = started(small_set(1))
    silent = take(run.pk)
    assert silent
    assert abandoned() == [run.pk]
    done = worked(run)
    assert done.state == "done"
    with transaction.atomic(), pytest.raises(LostLease):
        silent.hold()


def test_a_run_whose_message_was_lost_is_found():
    run = started()
    assert abandoned() == []  # it may be on its way
    Run.objects.filter(pk=run.pk).update(created_at="2026-01-01T00:00Z")
    assert abandoned() == [run.pk]


def test_a_commands_run_whose_command_died_waits_for_people():
    run = started(trigger=Run.Trigger.COMMAND)
    take(run.pk)
    Run.objects.update(heartbeat_at="2026-01-01T00:00Z")
    assert abandoned() == []
    run.refresh_from_db()
    assert (run.state, run.worker) == ("paused", "")
    assert "command that ran it has ended" in run.problem


def test_a_draft_answers_as_it_was_when_the_run_began():
    row = draft(follow_ups=False)
    run = started(small_set(1), version=row)
    other = draft(follow_ups=True)
    AssistantVersion.objects.filter(pk=row.pk).update(content=other.content, hash=other.hash)
    run.refresh_from_db()
    assert version_of_run(run).assistant.follow_ups is False
    assert version_of(AssistantVersion.objects.get(pk=row.pk)).assistant.follow_ups is True
    assert worked(run).state == "done"
    assert set(Call.objects.filter(purpose="eval").values_list("version", flat=True)) == {
        f"v{row.number} {run.assistant_hash[:8]}"
    }


def test_a_case_that_was_revised_meanwhile_is_asked_as_it_was_frozen():
    made = dataset(case("fee", question="What was the fee?"))
    run = started(made)
    CaseRevision.objects.update(is_latest=False)
    worked(run)
    assert Result.objects.get().question == "What was the fee?"
