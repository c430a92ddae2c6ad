"""The processes that Frontdesk is made of, beside Postgres and Redis."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from app.environment import ROOT
from app.processes import HttpServer, Process

HOST = "127.0.0.1"
DEMO = {  # what to set so that the stand-in answers
    "OPENAI_API_KEY": "demo",
    "LLM_DEMO": "true",
    "LLM_STRONG_MODEL": "demo-strong",
    "LLM_SMALL_MODEL": "demo-small",
    "LLM_JUDGE_MODEL": "demo-judge",
    "LLM_EMBEDDING_MODEL": "all-MiniLM-L6-v2",
}
PACED = "--first-token-ms 300 --tokens-per-second 60 --tuning-seconds 60"  # to see answers arrive, as from a real model
UVICORN = (
    "--lifespan on --no-proxy-headers --no-server-header "  # the app itself decides which proxy to believe
    "--ws-max-size 65536 --ws-per-message-deflate false --timeout-graceful-shutdown 30"
)
EVALS_WORKER = "--queues evals --hostname evals@%h --concurrency 1"
EVALS_LIMITS = {"DATABASE_STATEMENT_SECONDS": "60"}


class StandIn(HttpServer):
    """The stand-in model, on a free port."""

    def __init__(self, notes: Path, options: str = "") -> None:
        port = free_port()
        self.url = f"http://{HOST}:{port}/v1"
        self.health = f"http://{HOST}:{port}/health"
        super().__init__("standin", python("llm.standin", "--port", port, options), notes=notes, folder=ROOT)


class Web(HttpServer):
    """Pages and sockets."""

    def __init__(self, notes: Path, port: int) -> None:
        self.health = f"http://{HOST}:{port}/health/"
        command = python("uvicorn", "app.asgi:application", "--host", HOST, "--port", port, UVICORN)
        super().__init__("web", command, notes=notes, folder=ROOT, stop_seconds=40)


def worker(notes: Path) -> Process:
    """Two children that ingest documents and do what else takes long."""
    command = python("celery", "-A", "app", "worker", "--concurrency", 2, "--loglevel", "INFO")
    return Process("worker", command, notes=notes, folder=ROOT)


def evals_worker(notes: Path) -> Process:
    """One child that works at eval runs, one after the other. Its queries may not hold up the chats (F40)."""
    command = python("celery", "-A", "app", "worker", EVALS_WORKER, "--loglevel", "INFO")
    return Process("evals", command, notes=notes, folder=ROOT, environment=EVALS_LIMITS | os.environ)


def scheduler(notes: Path) -> Process:
    """What gives the worker its regular tasks."""
    command = [*python("celery", "-A", "app", "beat", "--loglevel", "INFO"), "--schedule", notes / "run" / "schedule"]
    return Process("scheduler", command, notes=notes, folder=ROOT)


def manage(notes: Path, command: str, *options: str) -> Process:
    """One of Django's commands."""
    return Process(command, [sys.executable, "manage.py", command, *options], notes=notes, folder=ROOT)


def python(module: str, *arguments: str | int) -> list[str | Path]:
    """The command that runs a module, with options written as on a command line."""
    return [sys.executable, "-m", module, *(word for part in arguments for word in str(part).split())]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
