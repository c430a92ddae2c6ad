"""The settings as in production, for tools that only read them and start without an environment."""

import os
import secrets

os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ.setdefault("DATABASE_URL", "postgres:///unused")
os.environ.setdefault("REDIS_URL", "redis://unused")
os.environ.setdefault("SECURE", "true")

from app.settings import *  # noqa: F403
from app.settings import DATABASES

DATABASES["default"] = {"ENGINE": "django.db.backends.dummy"}
