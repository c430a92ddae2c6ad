"""A pytest plugin: Postgres, Redis and the stand-in model for this run of the tests, in a folder of their own.

Nothing is started when DATABASE_URL is set: by the person who runs the tests, or by the run that started this worker.
Migrated databases are kept in `var/tests`, one for each state of the migrations, so that a run begins with a copy.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from app.embedded import NAME, Home, Postgres, Redis, home_for
from app.processes import Process, wait_until

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "tests"
FOLDERS = "frontdesk-tests-"
QUICK = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)
ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests-0123456789-0123456789-0123456789-0123456789",
    "OPENAI_API_KEY": "demo",
    "LLM_DEMO": "true",
    "LLM_STRONG_MODEL": "demo-strong",
    "LLM_SMALL_MODEL": "demo-small",
    "LLM_JUDGE_MODEL": "demo-judge",
    "LLM_EMBEDDING_MODEL": "all-MiniLM-L6-v2",
    "OPENBLAS_NUM_THREADS": "1",
}


def start_services() -> None:
    """Start what the tests need and put its addresses into the environment."""
    remove_folders_of_killed_runs()
    os.environ.update(ENVIRONMENT)
    folder = Path(tempfile.gettempdir()) / f"{FOLDERS}{os.getpid()}"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = home_for(folder)
    atexit.register(shutil.rmtree, home.run, ignore_errors=True)
    standin = stand_in(home)
    redis = Redis(home)
    postgres = Postgres(home, QUICK)
    for service in (standin, redis, postgres):
        atexit.register(service.stop)
    has_standin = (ROOT / "llm" / "standin" / "__main__.py").exists()
    if has_standin:
        standin.start()
    redis.start()
    bring_migrated_data(postgres, redis)
    if has_standin:
        wait_until(answers, standin, seconds=60)


def bring_migrated_data(postgres: Postgres, redis: Redis) -> None:
    """Start Postgres on a copy of a migrated database, which the first run after a change makes."""
    kept = KEPT / f"postgres-{state_of_migrations()}"
    os.environ.update(DATABASE_URL=postgres.url, REDIS_URL=redis.url, TEST_DATABASE_TEMPLATE=NAME)
    if kept.exists():
        copy(kept, postgres.data, postgres.home)
        postgres.start()
        return
    postgres.start()
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, check=True)
    postgres.stop()
    keep(postgres.data, kept)
    postgres.start()


def keep(data: Path, kept: Path) -> None:
    for old in KEPT.glob("postgres-*"):
        shutil.rmtree(old, ignore_errors=True)
    unfinished = KEPT / f"unfinished-{os.getpid()}"
    shutil.copytree(data, unfinished)
    with contextlib.suppress(OSError):  # another run was quicker
        unfinished.rename(kept)


def copy(kept: Path, data: Path, home: Home) -> None:
    shutil.copytree(kept, data)
    if home.account:
        for path in (data, *data.rglob("*")):
            os.chown(path, home.account.pw_uid, home.account.pw_gid)
    data.chmod(0o700)


def state_of_migrations() -> str:
    """A mark that changes with every migration and every pin, and so with Django's own."""
    files = [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements-dev.txt"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def stand_in(home: Home) -> Process:
    port = free_port()
    os.environ["OPENAI_BASE_URL"] = f"http://127.0.0.1:{port}/v1"
    return Process(
        name="The stand-in model",
        command=[sys.executable, "-m", "llm.standin", "--port", str(port)],
        log=home.notes / "log" / "standin.log",
        pid_file=home.notes / "run" / "standin.json",
        folder=ROOT,
    )


def answers() -> bool:
    health = os.environ["OPENAI_BASE_URL"].removesuffix("/v1") + "/health"
    try:
        with urllib.request.urlopen(health, timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def remove_folders_of_killed_runs() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*"):
        try:
            os.kill(int(folder.name.removeprefix(FOLDERS)), signal.Signals(0))
        except (ProcessLookupError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:
            continue


def use_a_redis_of_this_worker(worker: str) -> None:
    """pytest-xdist's workers share one Redis; each takes a database of its own there."""
    os.environ["REDIS_URL"] += f"?db={int(worker.removeprefix('gw')) + 1}"


if "DATABASE_URL" not in os.environ:
    start_services()
elif "PYTEST_XDIST_WORKER" in os.environ:
    use_a_redis_of_this_worker(os.environ["PYTEST_XDIST_WORKER"])
