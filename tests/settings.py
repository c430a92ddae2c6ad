"""The settings for tools that only read them, such as mypy's plugin: importable without an environment."""

import os

os.environ.setdefault("SECRET_KEY", "only-read")
os.environ.setdefault("DATABASE_URL", "postgres:///unused")
os.environ.setdefault("REDIS_URL", "redis://unused")

from app.settings import *  # noqa: E402, F403
