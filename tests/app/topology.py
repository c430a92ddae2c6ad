"""The deployment of `docker-compose.yml` as processes: the same commands, environment and files, without containers.

Postgres and Redis listen on TCP and want their passwords. The tree that the processes run in is made as the
Dockerfile makes it: what `.dockerignore` lets through, with the static files collected.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery

from app.embedded import NAME, Home, Postgres, Redis
from app.environment import ROOT
from app.parts import HOST, free_port
from app.processes import HttpServer, Process
from tests.app.compose import Compose, Dockerfile, env_file, read
from tests.services import KEPT, QUICK, copy, state_of_migrations

PASSWORDS = {"POSTGRES_PASSWORD": "pass-of-postgres", "REDIS_PASSWORD": "pass-of-redis"}
PACE = {"--first-token-ms": "150", "--tokens-per-second": "22"}  # slow enough to be killed in the middle
QUICKER = {
    "SECURE": "false",  # nobody takes HTTPS off here
    "CHAT_STALE_SECONDS": "2",
    "CHAT_FLUSH_SECONDS": "0.3",
    "CHAT_DRAIN_SECONDS": "15",
    "KNOWLEDGE_LEASE_SECONDS": "20",
}


class Topology:
    """Everything that one server would run, and what a test does to it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.ports = {name: free_port() for name in ("postgres", "redis", "standin", "web-1", "web-2")}
        self.tree = home.notes / "tree"
        variables = PASSWORDS | env_file(ROOT / "deploy" / "demo.env") | {"DOMAIN": HOST, "SECRET_KEY": "k" * 60}
        self.compose: Compose = read(variables)
        self.environment = self._environment(variables)
        self.postgres = Postgres(home, [*QUICK, *self._guarded_postgres()], port=self.ports["postgres"])
        self.redis = Redis(home, ["--port", str(self.ports["redis"]), "--requirepass", PASSWORDS["REDIS_PASSWORD"]])
        self.standin = Server("standin", self._command("standin", PACE), self, "/health")
        self.web = [self._web("web-1"), self._web("web-2", CHAT_DRAIN_SECONDS="0.2")]
        self.worker = self.process("worker", self._command("worker"))
        self.evals = self.process("evals", self._command("evals"))
        schedule = {"--schedule": str(home.notes / "schedule")}
        self.scheduler = self.process("scheduler", self._command("scheduler", schedule))

    def start(self) -> None:
        """Start it in the order that the compose file asks for, without waiting for the last of it."""
        self._copy_tree()
        self._use_migrated_data()
        self.redis.launch()
        self.standin.launch()
        self.postgres.start()
        self._set_password()
        self.redis.wait_until_ready()
        with ThreadPoolExecutor(1) as beside:  # at the same time, as they need nothing of each other
            collected = beside.submit(self.manage, "collectstatic", "--noinput", "--verbosity", "0")
            self.process("migrate", self._command("migrate")).run()
            collected.result()
        self.launch()

    def launch(self) -> None:
        """Start what does not run: at first, and again when a test has ended it."""
        for part in (*self.web, self.worker, self.evals, self.scheduler):
            if not part.is_running:
                part.launch()

    def make_whole(self) -> None:
        """Return when all of it runs and can be used."""
        self.launch()
        for part in (self.standin, *self.web):
            part.wait_until_ready()

    def stop(self) -> None:
        for part in (*self.web, self.worker, self.evals, self.scheduler, self.standin, self.redis, self.postgres):
            part.ask_to_stop()
        for part in (*self.web, self.worker, self.evals, self.scheduler, self.standin, self.redis, self.postgres):
            part.stop()

    def process(self, name: str, command: list[str]) -> Process:
        """One that is ready as soon as it runs."""
        environment = self.compose.services[name].environment | self.environment
        return Process(name, command, notes=self.home.notes, environment=environment, folder=self.tree)

    def manage(self, *words: str) -> str:
        """The output of one of Django's commands, run as in the web container."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=self.tree, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def address(self, number: int) -> str:
        """Of web process 1 or 2."""
        return f"http://{HOST}:{self.ports[f'web-{number}']}"

    def run_client(self, program: str, *words: str | Path) -> None:
        """One of Postgres' own programs, against the server on TCP."""
        place = {"PGHOST": HOST, "PGPORT": str(self.ports["postgres"]), "PGUSER": NAME}
        password = {"PGPASSWORD": PASSWORDS["POSTGRES_PASSWORD"]}
        subprocess.run([self.postgres.binaries / program, *words], env=place | password, check=True)

    def rows(self, query: str, *values: object, database: str = NAME) -> list[tuple[Any, ...]]:
        """What a query finds, asked with the password over TCP."""
        with psycopg.connect(self.environment["DATABASE_URL"], dbname=database) as session:
            return session.execute(query.encode(), values).fetchall()

    def eventually(self, query: str, *values: object, is_so: Callable[[Any], bool] = bool, seconds: float = 60) -> Any:
        """The first value that a query finds, as soon as it is as wanted."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.rows(query, *values)
            if found and is_so(found[0][0]):
                return found[0][0]
            assert time.monotonic() < deadline, f"{query} still finds {found}"
            time.sleep(0.05)

    @contextmanager
    def standin_frozen(self) -> Iterator[None]:
        """The model's server takes connections and answers none of them."""
        assert self.standin.child
        self.standin.child.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.standin.child.send_signal(signal.SIGCONT)

    def send_task(self, name: str) -> None:
        """What the scheduler does when a round is due."""
        with Celery(broker=self.environment["REDIS_URL"], set_as_current=False) as sender:
            sender.send_task(name, queue="frontdesk")

    def scheduler_has_said(self, words: str, seconds: float = 35) -> None:
        """Wait for these words in the scheduler's log."""
        deadline = time.monotonic() + seconds
        while words not in self.scheduler.log.read_text():
            assert time.monotonic() < deadline, self.scheduler.log.read_text()
            time.sleep(0.2)

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        """What a product container gets: `.env`, then the compose file's own, with hosts of this machine."""
        text = json.dumps(variables | self.compose.services["web"].environment)
        for name, port in {"postgres": 5432, "redis": 6379, "standin": 8100}.items():
            assert f"{name}:{port}" in text
            text = text.replace(f"{name}:{port}", f"{HOST}:{self.ports[name]}")
        here = {"PATH": os.environ["PATH"], "VAR_DIR": str(self.home.notes), "OPENBLAS_NUM_THREADS": "1"}
        return {**json.loads(text), **QUICKER, **here}

    def _guarded_postgres(self) -> list[str]:
        """Settings by which whoever comes by TCP must know the password."""
        rules = self.home.run / "hba.conf"
        rules.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        rules.chmod(0o644)
        return [f"listen_addresses={HOST}", f"hba_file={rules}", "password_encryption=scram-sha-256"]

    def _set_password(self) -> None:
        with psycopg.connect(self.postgres.url, autocommit=True) as session:
            session.execute(f"ALTER ROLE {NAME} PASSWORD '{PASSWORDS['POSTGRES_PASSWORD']}'")

    def _use_migrated_data(self) -> None:
        """Begin with what other tests have migrated, if they have; the migrate service then finds nothing to do."""
        kept = KEPT / f"postgres-{state_of_migrations()}"
        if kept.exists():
            copy(kept, self.postgres.data, self.home)

    def _copy_tree(self) -> None:
        """What `.dockerignore` names, with compiled modules where there are some."""
        lines = (ROOT / ".dockerignore").read_text().splitlines()
        for name in (line.removeprefix("!") for line in lines if line.startswith("!")):
            source, target = ROOT / name, self.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)

    def _web(self, name: str, **more: str) -> Server:
        command = json.loads(Dockerfile((ROOT / "Dockerfile").read_text()).only("CMD"))
        options = {"--host": HOST, "--port": str(self.ports[name])}
        return Server(name, changed(command, options), self, "/health/", **more)

    def _command(self, service: str, options: dict[str, str] | None = None) -> list[str]:
        words = [part for word in self.compose.services[service].command or () for part in word.split("=", 1)]
        if service in self.ports:
            words = changed(words, {"--host": HOST, "--port": str(self.ports[service])})
        return changed(words, options or {})


class Server(HttpServer):
    """A process of the topology that is ready when it answers."""

    def __init__(self, name: str, command: list[str], topology: Topology, health: str, **more: str) -> None:
        self.health = f"http://{HOST}:{topology.ports[name]}{health}"
        super().__init__(
            name,
            command,
            notes=topology.home.notes,
            environment=topology.environment | more,
            folder=topology.tree,
            stop_seconds=40,
        )


def changed(command: list[str], options: dict[str, str]) -> list[str]:
    """A command with other values for its options, run by the Python of the tests."""
    words = [sys.executable if word == "python" else word for word in command]
    for option, value in options.items():
        words[words.index(option) + 1] = value
    return words
