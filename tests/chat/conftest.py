"""A visitor at the real server, with a small help centre."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx2
import pytest
import redis
from django.conf import settings as django_settings

from tests.chat.browserless import Visitor
from tests.factories import help_centre


@pytest.fixture
def library(transactional_db: None) -> None:
    help_centre()


@pytest.fixture
def visitor(live: str) -> Visitor:
    return Visitor(live)


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> Iterator[None]:
    """Limits are counted in Redis, which outlives a test."""
    connection = redis.Redis.from_url(django_settings.REDIS_URL)
    for key in connection.scan_iter("limit:*"):
        connection.delete(key)
    connection.close()
    yield


@pytest.fixture
def key() -> str:
    """Part of a fault's model name: it plays once for each key."""
    return uuid.uuid4().hex[:8]


def model_calls() -> int:
    """How many calls the stand-in has answered so far."""
    address = str(django_settings.LLM_BASE_URL).removesuffix("/v1")
    return int(httpx2.get(f"{address}/standin/calls").json()["count"])
