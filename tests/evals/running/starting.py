"""Runs for tests of the runner: of small sets, by the live version, worked at in this process or by a real one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection

from chat.assistant import Assistant
from chat.models import AssistantVersion
from chat.versions.states import house, live_version, make_draft
from evals.models import Dataset, DatasetVersion, Run
from evals.running import runs
from evals.running.work import work
from tests.evals.factories import case, dataset

GRADERS = ["must_include"]


def live_row() -> AssistantVersion:
    return AssistantVersion.objects.get(number=live_version().number)


def draft(**changes: Any) -> AssistantVersion:
    """A draft that differs from the house's assistant in this."""
    content = house().model_dump(mode="json") | changes
    return make_draft(Assistant.model_validate(content), based_on=None)


def small_set(size: int = 3, **content: Any) -> Dataset:
    """A frozen set of so many cases, each with a question of its own."""
    return dataset(*(case(f"case-{number}", **content) for number in range(size)))


def newest(made: Dataset) -> DatasetVersion:
    return made.versions.order_by("-number")[0]


def started(made: Dataset | None = None, **more: Any) -> Run:
    """A run that waits for a worker."""
    version = newest(made or small_set())
    row = more.pop("version", None) or live_row()
    return runs.start(version, row, **({"graders": GRADERS} | more))


def worked(run: Run, **more: Any) -> Run:
    """Work at it in this process until nothing is to be done at once; the run as it then is."""
    while async_to_sync(work)(run.pk, **more):
        pass
    run.refresh_from_db()
    return run


def environment(**more: str) -> dict[str, str]:
    """For another process that uses this test's database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    redis = {"REDIS_URL": settings.REDIS_URL}
    return {**os.environ, **redis, "DATABASE_URL": database, "LOG_LEVEL": "WARNING", **more}


def command(*words: str, set_to: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """One of Django's commands as a process of its own, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=environment(**(set_to or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def eventually(is_so: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until something is so. It is read from what is stored, so nothing is missed."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not happen in time"
        time.sleep(0.02)


def killed(process: subprocess.Popen[Any]) -> None:
    """With all its children, as the machine's owner would do it: no goodbye."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.communicate()
