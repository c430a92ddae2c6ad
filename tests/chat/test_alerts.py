"""A refused key: one mail for the admins, a banner on the desk, and no key anywhere (F01)."""

from __future__ import annotations

import asyncio
import logging

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.chat.browserless import Visitor, status_of
from tests.chat.conftest import ABOUT_CLOSING
from tests.llm.conftest import eventually
from tests.people import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("library")]


@pytest.fixture
def outbox(settings) -> list[mail.EmailMessage]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ADMINS = [("Ann", "ann@example.com")]
    cache.delete("alert:provider_auth")
    mail.outbox = []
    return mail.outbox


async def test_f01_admins_are_told_once_and_the_desk_shows_a_banner(
    visitor: Visitor, settings, outbox, caplog: pytest.LogCaptureFixture
):
    async def told() -> bool:
        return bool(outbox)

    settings.LLM_STRONG_MODEL, settings.LLM_API_KEY = "fault-401", "sk-canary-4711"
    caplog.set_level(logging.DEBUG)
    await visitor.load()
    async with visitor.socket() as socket:
        for _ in range(2):
            await socket.ask(ABOUT_CLOSING)
            assert status_of(await socket.reply()) == "failed"
    await eventually(told)
    assert ["refuses our key" in message.body for message in outbox] == [True]
    assert "4711" not in caplog.text + str(outbox[0].message())
    page = await asyncio.to_thread(desk_of_an_agent)
    assert 'data-code="provider_auth"' in page
    assert "4711" not in page


def desk_of_an_agent() -> str:
    client = Client()
    client.force_login(person("agent"))
    return client.get("/feedback/").content.decode()
