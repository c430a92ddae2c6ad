"""`make run`: everything that one machine needs to serve Frontdesk, started, watched and ended together."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import IO

from app import environment
from app.embedded import Home, Postgres, Redis, home_for
from app.parts import DEMO, HOST, PACED, StandIn, Web, evals_worker, manage, scheduler, worker
from app.preflight import MEGABYTES_TO_RUN, problem_of_disk
from app.processes import Process, StartError, end_leftovers
from app.supervisor import StopRequested, Supervisor, say


def main() -> None:
    """Run until Ctrl-C, or end with one sentence when something is in the way."""
    environment.read_env_file()
    try:
        run(chosen_port(), environment.var_folder())
    except StartError as error:
        sys.exit(f"Frontdesk cannot start: {error}")
    except PermissionError as error:
        sys.exit(f"Frontdesk cannot start: {error.filename} belongs to another account; was it started by root before?")


def run(port: int, var: Path) -> None:
    """Check, start, say where it is, keep it alive, and end it all."""
    began = time.monotonic()
    refuse_full_disk(environment.ROOT)
    home = home_for(var)
    refuse_full_disk(home.data)
    lock = take_lock(var, f"http://localhost:{port}, process {os.getpid()}")
    end_leftovers(var)
    refuse_used_port(port)
    supervisor = Supervisor()
    try:
        start_services(supervisor, home)
        supervisor.run(manage(var, "prepare"))
        supervisor.launch(Web(var, port))
        supervisor.wait_until_ready()
        load_sample_once(supervisor, var)
        supervisor.launch(worker(var), evals_worker(var), scheduler(var))
        announce(f"http://localhost:{port}", home, time.monotonic() - began)
        supervisor.watch()
    except StopRequested:
        say("\nEnding what was started …")
    finally:
        supervisor.stop()
        environment.running_environment().unlink(missing_ok=True)
        shutil.rmtree(home.run, ignore_errors=True)
        lock.close()
    say("Everything has ended.")


def chosen_port() -> int:
    """PORT, or 8000."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise StartError(f"PORT is {text!r} and must be a number from 1 to 65535.")
    return int(text)


def refuse_full_disk(folder: Path) -> None:
    if problem := problem_of_disk(folder, MEGABYTES_TO_RUN):
        raise StartError(problem)


def take_lock(var: Path, who: str) -> IO[str]:
    """Hold a lock for as long as we live: two of us would use the same data."""
    lock = (var / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise StartError(f"it runs from this folder already ({lock.read()}).") from None
    lock.truncate(0)
    lock.write(who)
    lock.flush()
    return lock


def refuse_used_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise StartError(
                f"port {port} is not free ({reason}). Choose another: make run PORT={port % 65535 + 1}"
            ) from None


def start_services(supervisor: Supervisor, home: Home) -> None:
    """Start what no address is set for, and put the addresses into the environment of all that follows."""
    services, made = missing_services(home)
    if not os.environ.get("SECRET_KEY"):
        made["SECRET_KEY"] = secret_key(home.notes)
    os.environ.update(made, VAR_DIR=str(home.notes))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads that wait for a core cost more than they bring
    os.environ.setdefault("PYTHONUNBUFFERED", "1")  # a log says at once what happens
    os.environ["NO_PROXY"] = ",".join(filter(None, [os.environ.get("NO_PROXY"), "localhost", HOST]))
    write_privately(environment.running_environment(), "".join(f"{name}={made[name]}\n" for name in made))
    say("Starting " + ", ".join(service.name for service in services) + " …")
    supervisor.launch(*services)
    for service in services:
        if not isinstance(service, StandIn):  # its model takes a while to load, and nothing asks it yet
            service.wait_until_ready()


def missing_services(home: Home) -> tuple[list[Process], dict[str, str]]:
    """What this machine must bring itself, and how the rest will find it."""
    services: list[Process] = []
    made: dict[str, str] = {}
    if not os.environ.get("OPENAI_API_KEY") and not os.environ.get("OPENAI_BASE_URL"):
        services.append(standin := StandIn(home.notes, PACED))
        made |= DEMO | {"OPENAI_BASE_URL": standin.url}
    if not os.environ.get("REDIS_URL"):
        services.append(redis := Redis(home))
        made["REDIS_URL"] = redis.url
    if not os.environ.get("DATABASE_URL"):
        services.append(postgres := Postgres(home))
        made["DATABASE_URL"] = postgres.url
    return services, made


def secret_key(var: Path) -> str:
    """The key that this machine made at its first run."""
    file = var / "secret_key"
    if not file.exists():
        write_privately(file, secrets.token_urlsafe(50))
    return file.read_text()


def write_privately(file: Path, text: str) -> None:
    """Write a file that only we can read, and that is never half written."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    unfinished.replace(file)


def load_sample_once(supervisor: Supervisor, var: Path) -> None:
    """Load the sample help centre at the first time. A failure costs the sample and nothing else."""
    mark = var / "sample-loaded"
    if mark.exists():
        return
    say("Loading the sample help centre, this first time …")
    try:
        supervisor.run(manage(var, "load_sample", "--wait"))
    except StartError as error:
        say(str(error))
    else:
        mark.touch()


def announce(url: str, home: Home, seconds: float) -> None:
    accounts = home.notes / "accounts.json"
    say(f"\nFrontdesk is ready at {url} ({seconds:.0f} s). Sign in at {url}/account/login/ as")
    for name, password in json.loads(accounts.read_text()).items():
        say(f"  {name:<9} {password}")
    if home.is_elsewhere:
        say(f"Postgres keeps its data in {home.data}, because its account cannot enter {home.notes}.")
    if os.environ.get("LLM_DEMO") == "true":
        say("A demo model answers; set OPENAI_API_KEY in .env for a real one.")
    say(f"Logs are in {home.notes / 'log'}. Ctrl-C ends everything.")


if __name__ == "__main__":
    main()
