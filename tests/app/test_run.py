"""`make run`: it starts, says so, brings back what dies, refuses a second one, and ends exactly what it started."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pytest

from app.environment import ROOT
from app.parts import free_port
from app.processes import Process, StartError, born
from app.run import chosen_port, refuse_used_port, secret_key, write_privately
from app.supervisor import StopRequested, Supervisor

PARTS = {"standin", "redis", "postgres", "web", "worker", "evals", "scheduler"}
SET_FOR_TESTS = re.compile("DATABASE_URL|REDIS_URL|OPENAI_|LLM_|SECRET_KEY|PYTEST|DJANGO|VAR_DIR|TEST_DATABASE")


class Running:
    """A `make run` under way, in a `var` of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        self.environment = environment_without_services() | {"VAR_DIR": str(var), "PORT": str(self.port)}
        (var / "sample-loaded").touch()
        self.output = (var / "output.txt").open("wb")
        self.program = subprocess.Popen(
            [sys.executable, "-m", "app.run"], cwd=ROOT, env=self.environment, stdout=self.output, stderr=self.output
        )

    def said(self) -> str:
        return (self.var / "output.txt").read_text()

    def pids(self) -> dict[str, int]:
        return {file.stem: json.loads(file.read_text())["pid"] for file in (self.var / "run").glob("*.json")}

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/account/login/", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)


def environment_without_services() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not SET_FOR_TESTS.match(name)}


@pytest.fixture(scope="module")
def running(open_folder: Path) -> Iterator[Running]:
    it = Running(open_folder)
    try:
        eventually(lambda: "Ctrl-C ends everything" in it.said() or it.program.poll() is not None, seconds=100)
        assert it.program.poll() is None, it.said()
        yield it
    finally:
        it.program.terminate()
        it.program.wait(60)
        it.output.close()


def eventually(is_so: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.1)
    return is_so()


def test_it_says_where_it_is_and_who_may_sign_in(running):
    assert running.answers()
    assert f"http://localhost:{running.port}" in running.said()
    assert json.loads((running.var / "accounts.json").read_text())["admin"] in running.said()
    assert set(running.pids()) == PARTS


def test_what_is_secret_is_closed_to_others(running):
    for name in ("run.env", "secret_key", "accounts.json"):
        assert (running.var / name).stat().st_mode & 0o077 == 0, name
    for name in ("log", "run", "postgres"):
        assert (running.var / name).stat().st_mode & 0o077 == 0, name


def test_a_command_beside_it_finds_its_services(running):
    command = "from app.models import User; print(User.objects.filter(is_superuser=False).count())"
    result = running.manage("shell", "--verbosity=0", "--command", command)
    assert result.stdout.split() == ["3"], result.stderr


def test_a_second_one_is_refused_and_the_first_goes_on(running):
    before = running.pids()
    environment = running.environment | {"PORT": str(free_port())}
    second = subprocess.run(
        [sys.executable, "-m", "app.run"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert re.fullmatch(r"Frontdesk cannot start: it runs from this folder already \(.*\)\.\n", second.stderr)
    assert running.pids() == before
    assert running.answers()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_what_is_killed_comes_back(running, name):
    killed = running.pids()[name]
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: f"{name} was ended by signal 9 and was started again." in running.said(), seconds=80)
    assert running.pids()[name] != killed
    assert running.answers()


def test_ctrl_c_ends_all_that_was_started_and_nothing_else(running):
    neighbour = subprocess.Popen(["sleep", "60"])
    pids = running.pids()
    running.program.send_signal(signal.SIGINT)
    assert running.program.wait(40) == 0
    assert set(pids) == PARTS
    assert [name for name, pid in pids.items() if born(pid)] == []
    assert running.pids() == {}
    assert not (running.var / "run.env").exists()
    assert neighbour.poll() is None
    neighbour.kill()
    neighbour.wait()


def test_a_command_alone_says_what_is_missing(tmp_path):
    environment = environment_without_services() | {"VAR_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("Not set: SECRET_KEY, DATABASE_URL, REDIS_URL. Start `make run`")


def test_a_port_in_use_is_refused_in_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"^port {port} is not free \(address already in use\)\. Choose another"):
            refuse_used_port(port)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8000 "])
def test_a_port_that_is_none_is_refused(port, monkeypatch):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(StartError, match="must be a number from 1 to 65535"):
        chosen_port()


def test_the_secret_key_is_made_once(tmp_path):
    assert secret_key(tmp_path) == secret_key(tmp_path)
    assert len(secret_key(tmp_path)) > 50


def test_a_private_file_is_private_from_its_first_byte_on(tmp_path):
    write_privately(tmp_path / "file", "text")
    write_privately(tmp_path / "file", "other text")
    assert (tmp_path / "file").read_text() == "other text"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


class Dying(Process):
    """It ends at once; the third start again is a stop."""

    starts: ClassVar[list[float]] = []

    def start(self) -> None:
        self.starts.append(time.monotonic())
        if len(self.starts) == 3:
            raise StopRequested
        super().start()

    def is_ready(self) -> bool:
        return True


def test_what_dies_at_once_is_started_again_at_growing_intervals(tmp_path, monkeypatch):
    monkeypatch.setattr("app.supervisor.FIRST_PAUSE", 0.2)
    supervisor = a_supervisor(tmp_path, monkeypatch)
    supervisor.launch(Dying("dying", ["true"], notes=tmp_path))
    with pytest.raises(StopRequested):
        supervisor.watch()
    first, second, third = Dying.starts
    assert second - first >= 0.2
    assert third - second >= 0.4
    supervisor.stop()


def test_a_command_that_fails_is_told_with_the_end_of_its_log(tmp_path, monkeypatch):
    supervisor = a_supervisor(tmp_path, monkeypatch)
    with pytest.raises(StartError, match=r"prepare failed; .*prepare.log ends with:\n.*no_such_place"):
        supervisor.run(Process("prepare", ["ls", "no_such_place"], notes=tmp_path))
    assert supervisor.layers == []


def test_a_process_that_does_not_want_to_stop_is_ended_with_its_children(tmp_path, monkeypatch):
    supervisor = a_supervisor(tmp_path, monkeypatch)
    script = "trap '' TERM; sleep 61 & echo $! > child; while true; do sleep 0.1; done"
    stubborn = Process("stubborn", ["sh", "-c", script], notes=tmp_path, folder=tmp_path, stop_seconds=0.3)
    supervisor.launch(stubborn)
    assert eventually((tmp_path / "child").exists)
    supervisor.stop()
    assert stubborn.child
    assert stubborn.child.returncode == -signal.SIGKILL
    assert eventually(lambda: not born(int((tmp_path / "child").read_text())))


class Swallowing(Process):
    """Asks to stop at a moment when everything that is raised gets lost."""

    supervisor: ClassVar[Supervisor]

    @property
    def is_running(self) -> bool:
        with suppress(StopRequested):
            self.supervisor._stop_requested(signal.SIGINT, None)
        return True


def test_a_request_to_stop_that_gets_lost_on_its_way_is_heard_all_the_same(tmp_path, monkeypatch):
    supervisor = Swallowing.supervisor = a_supervisor(tmp_path, monkeypatch)
    supervisor.launch(Swallowing("swallowing", ["sleep", "60"], notes=tmp_path))
    with pytest.raises(StopRequested):
        supervisor.watch()
    supervisor.stop()


def a_supervisor(notes: Path, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    for folder in ("log", "run"):
        (notes / folder).mkdir()
    monkeypatch.setattr("signal.signal", lambda *_: None)  # pytest keeps its own
    return Supervisor()
