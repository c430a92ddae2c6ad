"""A visitor at the real server, with a small help centre."""

from __future__ import annotations

import asyncio
import uuid

import httpx2
import pytest
from django.conf import settings as django_settings

from chat import conversations, turn
from chat.live import AFTERWARDS, RUNNING
from chat.models import Reply
from knowledge.access import Viewer
from llm.database import in_database
from tests.chat.browserless import Visitor
from tests.factories import help_centre

ABOUT_CLOSING = "How do I close my account?"


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


async def stored() -> Reply:
    """The only reply that there is."""
    return await in_database(Reply.objects.select_related("question").get)


async def ask_here() -> conversations.Opened:
    """A question to the turn itself, without a page."""
    viewer = Viewer(visitor="v1")
    return await turn.ask(viewer, ABOUT_CLOSING, conversation_id=uuid.uuid4(), client_id=uuid.uuid4(), address="")


async def finished_behind() -> None:
    """Return when nothing is left to do behind answers that have ended."""
    async with asyncio.timeout(20):
        while RUNNING or AFTERWARDS:  # noqa: ASYNC110 (the server's, in another thread)
            await asyncio.sleep(0.02)
