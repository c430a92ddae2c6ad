"""Where settings come from at a terminal: the environment, then `.env`, then a `make run` that is under way."""

from __future__ import annotations

import os
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL")


def read_env_file() -> None:
    """Read `.env`; what the environment sets already stays."""
    environ.Env.read_env(ROOT / ".env")


def read_running_environment() -> None:
    """Read what `make run` has written down while it runs; what is set already, and not empty, stays."""
    if missing():
        given = {name: value for name, value in os.environ.items() if value}
        environ.Env.read_env(running_environment(), overwrite=True)
        os.environ.update(given)


def missing() -> list[str]:
    """What must be set and is not."""
    return [name for name in NEEDED if not os.environ.get(name)]


def var_folder() -> Path:
    """Where run-time state is kept."""
    return Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()


def running_environment() -> Path:
    """The file in which a `make run` that is under way has its addresses; only its owner can read it."""
    return var_folder() / "run.env"
