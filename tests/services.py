"""A pytest plugin: Postgres, Redis and the stand-in model for one run of the tests, in a folder of their own.

Nothing is started when DATABASE_URL is set: by the person who runs the tests, or by the run that this process is
a worker of. A migrated database is kept in `var/tests` until a migration changes, so that a run begins with a copy.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from app.embedded import NAME, Home, Postgres, Redis, home_for
from app.environment import ROOT
from app.parts import DEMO, StandIn
from app.processes import born

KEPT = ROOT / "var" / "tests"
FOLDERS = "frontdesk-tests-"
QUICK = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0"]


def start_services() -> None:
    """Start what the tests need and put the addresses into the environment."""
    remove_folders_of_killed_runs()
    home = home_for(Path(tempfile.gettempdir()) / f"{FOLDERS}{os.getpid()}")
    standin, redis, postgres = StandIn(home.notes), Redis(home), Postgres(home, QUICK)
    os.environ.update(DEMO)
    os.environ.update(
        SECRET_KEY="only-for-tests-" * 4,
        VAR_DIR=str(home.notes),
        DATABASE_URL=postgres.url,
        REDIS_URL=redis.url,
        OPENAI_BASE_URL=standin.url,
        TEST_DATABASE_TEMPLATE=NAME,
        OPENBLAS_NUM_THREADS="1",
    )
    for folder in (home.run, home.notes):
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for process in (standin, redis, postgres):
        atexit.register(process.stop)
    standin.launch()
    redis.launch()
    start_on_migrated_data(postgres)
    redis.wait_until_ready()
    standin.wait_until_ready()


def start_on_migrated_data(postgres: Postgres) -> None:
    """Start Postgres on a copy of migrated data, which the first run after a change makes."""
    kept = KEPT / f"postgres-{state_of_migrations()}"
    if not kept.exists():
        postgres.start()
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, check=True)
        postgres.stop()
        keep(postgres.data, kept)
    else:
        copy(kept, postgres.data, postgres.home)
    postgres.start()


def keep(data: Path, kept: Path) -> None:
    """Keep a copy, and of the older ones the latest: another run may be copying it."""
    for old in sorted(KEPT.glob("postgres-*"), key=os.path.getmtime)[:-1]:
        shutil.rmtree(old, ignore_errors=True)
    unfinished = KEPT / f"unfinished-{os.getpid()}"
    shutil.copytree(data, unfinished)
    with suppress(OSError):  # another run was quicker
        unfinished.rename(kept)
    shutil.rmtree(unfinished, ignore_errors=True)


def copy(kept: Path, data: Path, home: Home) -> None:
    shutil.copytree(kept, data)
    if home.account:
        for path in (data, *data.rglob("*")):
            os.chown(path, home.account.pw_uid, home.account.pw_gid)


def state_of_migrations() -> str:
    """A mark that changes with every migration, and with the packages that bring others."""
    files = [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements-dev.txt"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def remove_folders_of_killed_runs() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}[0-9]*"):
        if not born(int(folder.name.removeprefix(FOLDERS))):
            shutil.rmtree(folder, ignore_errors=True)


def use_services_of_this_worker(worker: str) -> None:
    """The workers of pytest-xdist share one Redis, where each takes a database of its own. Each has its own stand-in,
    whose calls tests count.
    """
    os.environ["REDIS_URL"] += f"?db={int(worker.removeprefix('gw')) + 1}"
    folder = Path(os.environ["VAR_DIR"]) / worker
    for name in ("log", "run"):
        (folder / name).mkdir(parents=True)
    standin = StandIn(folder)
    os.environ["OPENAI_BASE_URL"] = standin.url
    atexit.register(standin.stop)
    standin.launch()
    standin.wait_until_ready()


if not os.environ.get("DATABASE_URL"):
    start_services()
elif "PYTEST_XDIST_WORKER" in os.environ:
    use_services_of_this_worker(os.environ["PYTEST_XDIST_WORKER"])
