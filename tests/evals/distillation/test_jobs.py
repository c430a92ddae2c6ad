"""A job that teaches a model: begun once, whatever happens to its workers; followed, cancelled, and what came of it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from evals.distillation import advancing
from evals.distillation.holding import LostHold, take
from evals.distillation.jobs import cancel, start_job
from evals.distillation.options import Refused
from evals.models import TrainingJob, TunedModel
from evals.tasks import ask_about_training_jobs
from llm.database import in_database
from tests import standin
from tests.evals.distillation.sets import ready_set

pytestmark = pytest.mark.django_db(transaction=True)
PREFERENCE = {
    "input": {"messages": [{"role": "user", "content": "Hi"}]},
    "preferred_output": [{"role": "assistant", "content": "Hello."}],
    "non_preferred_output": [{"role": "assistant", "content": "Eh."}],
}


def begun(base: str = "demo-small", **more: Any) -> TrainingJob:
    made = more.pop("made", None) or ready_set()
    return start_job(made, base=base, by=None, **more)


def advanced(job: TrainingJob) -> TrainingJob:
    async_to_sync(advancing.advance)(job.pk)
    job.refresh_from_db()
    return job


def at_the_server(path: str, **params: str) -> list[dict[str, Any]]:
    """What the model's server has."""
    answer = httpx2.get(standin.address(f"/v1/{path}"), params=params, headers={"Authorization": "Bearer x"})
    return list(answer.raise_for_status().json()["data"])


def jobs_of(job: TrainingJob) -> list[dict[str, Any]]:
    return at_the_server("fine_tuning/jobs", **{"metadata[frontdesk_job]": advancing.mark_of(job)})


def files_of(job: TrainingJob) -> list[dict[str, Any]]:
    return [one for one in at_the_server("files") if advancing.mark_of(job) in one["filename"]]


def test_a_job_teaches_a_model_which_is_then_there_to_be_tried():
    made = ready_set(validation=2, options={"seed": 7, "epochs": 2})
    job = advanced(begun(made=made, suffix="acme", hyperparameters={"batch_size": ""}))
    assert (job.state, job.problem, job.status) == ("succeeded", "", "succeeded")
    assert job.tuned is not None
    assert job.tuned.name.startswith("ft:demo-small:standin:acme:")
    assert (job.tuned.role, job.tuned.base, job.tuned.training_set) == ("small", "demo-small", made)
    (there,) = jobs_of(job)
    assert (there["seed"], there["validation_file"]) == (7, job.validation_file)
    assert there["method"]["supervised"]["hyperparameters"] == {"n_epochs": 2}
    assert job.trained_tokens == there["trained_tokens"] > 0
    told = [event["message"] for event in job.events]
    assert told[0].startswith("Created fine-tuning job")
    assert told[-1] == "The job has successfully completed"
    assert files_of(job) == []  # nothing that customers wrote is left there
    assert job.heartbeat_at is None


def test_preferences_are_taught_as_such_and_a_judge_knows_whose_it_is():
    job = advanced(begun(made=ready_set(kind="preferences", line=PREFERENCE), hyperparameters={"beta": 0.2}))
    assert (job.method, job.state) == ("dpo", "succeeded")
    assert jobs_of(job)[0]["method"]["dpo"]["hyperparameters"] == {"beta": 0.2}
    judge = advanced(begun(made=ready_set(kind="judge", grader="tone"))).tuned
    assert judge is not None
    assert (judge.role, judge.grader) == ("judge", "tone")


@pytest.mark.parametrize("died_after", ["train_file", "job"])
def test_a_worker_that_was_killed_leaves_neither_a_second_file_nor_a_second_job(died_after: str):
    """It had told the server and not noted it: the next one finds what is there."""
    job = advanced(begun("fault-tuning-stays"))
    before = job.train_file, job.job
    unnoted = {"job": "", **({"train_file": ""} if died_after == "train_file" else {})}
    long_ago = timezone.now() - timedelta(minutes=5)
    TrainingJob.objects.filter(pk=job.pk).update(state="uploading", heartbeat_at=long_ago, **unnoted)
    advanced(job)
    assert (job.train_file, job.job) == before
    assert (len(files_of(job)), len(jobs_of(job))) == (1, 1)
    assert job.state == "running"


def test_an_answer_that_was_lost_on_its_way_makes_no_second_job():
    job = advanced(begun("fault-tuning-lost"))
    assert (job.state, job.job) == ("uploading", "")
    assert "It is asked again" in job.problem
    assert advanced(job).state == "succeeded"
    assert len(jobs_of(job)) == 1


def test_a_worker_that_still_lives_is_left_alone_and_one_that_was_silent_finds_it_lost(settings):
    job = begun()
    mine = take(job.pk)
    assert mine is not None
    assert take(job.pk) is None
    assert advanced(job).state == "waiting"
    settings.EVALS_LEASE_SECONDS = 0.0
    theirs = take(job.pk)
    assert theirs is not None
    with pytest.raises(LostHold):
        mine.keep(state="failed")
    theirs.keep(status="queued")
    job.refresh_from_db()
    assert (job.state, job.status) == ("waiting", "queued")


async def test_many_beats_of_one_worker_do_not_take_the_job_from_itself():
    job = await in_database(begun)
    hold = await in_database(take, job.pk)
    assert hold is not None
    await asyncio.gather(*(in_database(hold.keep, status=f"beat {n}") for n in range(8)))
    await in_database(hold.release, state="failed")


def test_one_that_nobody_has_begun_is_cancelled_at_once_and_a_running_one_at_its_server():
    unbegun = begun()
    assert cancel(unbegun)
    assert advanced(unbegun).state == "cancelled"
    assert jobs_of(unbegun) == []
    running = advanced(begun("fault-tuning-stays"))
    assert cancel(running)
    assert advanced(running).state == "cancelled"
    assert jobs_of(running)[0]["status"] == "cancelled"
    assert files_of(running) == []
    assert not cancel(running)


def test_one_that_was_called_off_while_its_answer_was_lost_is_found_and_ended():
    job = advanced(begun("fault-tuning-stays"))
    TrainingJob.objects.filter(pk=job.pk).update(state="uploading", job="", is_cancel_wanted=True)
    assert advanced(job).state == "cancelled"
    assert jobs_of(job)[0]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("base", "line", "state", "words"),
    [
        ("demo-small", {"messages": []}, "failed", "ended it as failed: .*Line 1"),
        ("fault-tuning-fails", None, "failed", "internal error"),
        ("gpt-none", None, "failed", "does not teach gpt-none"),
        ("fault-401", None, "failed", "does not let our key"),
        ("fault-500", None, "uploading", "did not answer .provider_down.. It is asked again"),
    ],
)
def test_what_goes_wrong_is_said_in_words(base: str, line: Any, state: str, words: str):
    job = advanced(begun(base, made=ready_set(line=line)))
    assert job.state == state
    assert re.search(words, job.problem)
    assert job.tuned is None
    assert not TunedModel.objects.exists()


def test_a_server_that_teaches_nothing_is_no_mystery(settings):
    settings.LLM_BASE_URL = standin.address("/nowhere")
    job = advanced(begun())
    assert job.state == "failed"
    assert "teaches no models. The set can be exported" in job.problem


def test_a_job_that_the_server_has_forgotten_fails():
    job = advanced(begun("fault-tuning-stays"))
    TrainingJob.objects.filter(pk=job.pk).update(job="ftjob-gone")
    assert "does not know the job" in advanced(job).problem
    assert job.state == "failed"


def test_what_nobody_works_at_is_asked_about(monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr("evals.tasks.enqueue_training_job", asked.append)
    idle, held, over = begun(), begun(), begun()
    take(held.pk)
    cancel(over)
    ask_about_training_jobs()
    assert asked == [idle.pk]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base": " "}, "Name the model"),
        ({"base": "a b"}, "no blanks"),
        ({"suffix": "a b!"}, "suffix"),
        ({"hyperparameters": {"beta": 1}}, "no setting beta"),
        ({"hyperparameters": {"n_epochs": "many"}}, "is a number"),
        ({"hyperparameters": {"n_epochs": 900}}, "between 1 and 50"),
        ({"made": {"lines": 3}}, "at least 10"),
        ({"made": {"state": "building"}}, "not ready"),
        ({"made": {"teacher": "gpt-9"}}, "does not say that what gpt-9 wrote may teach demo-small"),
        ({"most_dollars": 1.0}, "No price is known of teaching demo-small"),
        ({"most_dollars": 1.0, "base": "dear"}, "about [$]7.20, and [$]1.00 is the limit"),
        ({"made": {"card": {"is_demo": True}}}, "for trying the way"),
    ],
)
def test_a_job_that_cannot_be_is_refused_before_anything_is_sent(settings, changes: dict[str, Any], words: str):
    settings.LLM_DEMO, settings.EVALS_TRAINING_PRICES = False, ["dear=10000"]
    made = ready_set(**changes.get("made", {}))
    changes = {name: value for name, value in changes.items() if name != "made"}
    with pytest.raises(Refused, match=words):
        start_job(made, by=None, **({"base": "demo-small"} | changes))
    assert not TrainingJob.objects.exists()


def test_two_clicks_are_one_job():
    made = ready_set()
    begun(made=made)
    with pytest.raises(Refused, match="under way already"):
        begun(made=made)
    begun("demo-strong", made=made)
