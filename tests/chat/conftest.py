"""A visitor at the real server, with a small help centre."""

from __future__ import annotations

import uuid

import httpx2
import pytest
from django.conf import settings as django_settings

from tests.chat.browserless import Visitor
from tests.factories import help_centre


@pytest.fixture
def library(transactional_db: None) -> None:
    help_centre()


@pytest.fixture
def visitor(live: str) -> Visitor:
    return Visitor(live)


@pytest.fixture
def key() -> str:
    """Part of a fault's model name: it plays once for each key."""
    return uuid.uuid4().hex[:8]


def model_calls() -> int:
    """How many calls the stand-in has answered so far."""
    address = str(django_settings.LLM_BASE_URL).removesuffix("/v1")
    return int(httpx2.get(f"{address}/standin/calls").json()["count"])
