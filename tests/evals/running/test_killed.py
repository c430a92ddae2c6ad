"""Workers as real processes: killed in the middle, and with a limit on what their queries may take."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from app.parts import EVALS_LIMITS, evals_worker
from evals import tasks
from evals.models import Grading, Result, Run
from evals.running import lease
from llm.models import Call
from tests import standin
from tests.evals.running.starting import draft, environment, eventually, killed, small_set, started, worked
from tests.factories import help_centre

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

MODEL = "paced-307-60-12"  # half a second for an answer
AT_ONCE = 3


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker of the evals' queue, started as `make run` starts it."""
    limits = {"LLM_STRONG_MODEL": MODEL, "EVALS_CONCURRENCY": str(AT_ONCE)}
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            evals_worker(tmp_path).command,
            cwd=settings.BASE_DIR,
            env=environment(**EVALS_LIMITS, **limits),
            stdout=log,
            stderr=log,
            process_group=0,
        )
    try:
        yield process
    finally:
        killed(process)


def a_run(size: int) -> Run:
    help_centre()
    row = draft(guardrails={}, tools=[], follow_ups=False, triage={"when": "never"})
    return started(small_set(size, question="How much is the late fee?"), version=row)


def taken(run: Run) -> None:
    """Ask until a worker has it: the socket of a busy broker may turn one away, and `resume_runs` asks again."""
    asked_at = float("-inf")

    def is_taken() -> bool:
        nonlocal asked_at
        if time.monotonic() > asked_at + 5:
            asked_at = time.monotonic()
            tasks.enqueue(run.pk)
        return not Run.objects.filter(pk=run.pk, state=Run.State.WAITING).exists()

    eventually(is_taken, "a worker that takes the run", seconds=100)


def test_after_kill_9_no_answered_case_is_asked_again_and_no_grade_given_twice(
    worker: subprocess.Popen[bytes], settings
):
    settings.LLM_STRONG_MODEL = MODEL
    settings.EVALS_LEASE_SECONDS = 2
    before = len(standin.calls(MODEL))
    run = a_run(16)
    taken(run)
    eventually(lambda: Result.objects.count() >= 4, "four answers", seconds=150)
    killed(worker)
    kept = dict(Result.objects.values_list("pk", "turn"))
    graded = set(Grading.objects.values_list("pk", flat=True))
    assert 4 <= len(kept) < 16
    run.refresh_from_db()
    assert (run.state, bool(run.worker)) == ("running", True)
    eventually(lambda: lease.abandoned() == [run.pk], "the end of the dead worker's lease")
    assert worked(run).state == "done"
    assert Result.objects.count() == Grading.objects.count() == 16
    assert kept.keys() <= set(Result.objects.values_list("pk", flat=True))
    assert graded <= set(Grading.objects.values_list("pk", flat=True))
    for turn in kept.values():
        assert Call.objects.filter(turn=turn, purpose="eval").count() == 1
    calls = len(standin.calls(MODEL)) - before
    assert 16 <= calls <= 16 + AT_ONCE, "what was in flight is asked again, and nothing else"


def test_f40_a_query_of_the_evals_worker_is_broken_off_in_time():
    sleeping = "from django.db import connection; connection.cursor().execute('SELECT pg_sleep(30)')"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity=0", "--command", sleeping],
        cwd=settings.BASE_DIR,
        env=environment(DATABASE_STATEMENT_SECONDS="0.2"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "statement timeout" in done.stderr
