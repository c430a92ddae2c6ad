"""How a turn ends before its answer does: Stop, a process that dies, a database that is away."""

from __future__ import annotations

import asyncio

import pytest
from django.db import OperationalError

from chat import conversations, live, turn
from chat.models import Conversation, Reply
from llm.database import in_database
from llm.models import Call
from tests.chat.browserless import Visitor, status_of
from tests.chat.conftest import ABOUT_CLOSING, ask_here, stored
from tests.chat.turns import live_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("library")]


async def test_f23_stop_keeps_what_is_there_and_may_be_pressed_twice(visitor: Visitor, settings):
    settings.LLM_STRONG_MODEL = "paced-50-30-300"
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.frame_with("open-block")
        await socket.send(type="stop")
        await socket.send(type="stop")
        assert status_of(await socket.reply(seconds=5)) == "stopped"
        await socket.send(type="stop")
    row = await stored()
    assert row.status == "stopped"
    assert row.text
    assert (await in_database(Call.objects.get, purpose="answer")).outcome == "stopped"


async def test_f23_stop_reaches_a_turn_of_another_process(visitor: Visitor, settings):
    settings.LLM_STRONG_MODEL = "paced-50-30-300"
    settings.CHAT_FLUSH_SECONDS = 0.2
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.frame_with("open-block")
        await in_database(Reply.objects.update, stop_requested_at="2026-01-01T00:00:00Z")
        assert status_of(await socket.reply(seconds=5)) == "stopped"


async def test_f23_a_turn_that_is_stopped_before_it_has_begun_ends_as_stopped():
    opened = await ask_here()
    live.RUNNING[opened.reply_id].cancel("stopped")  # its tasks have not had the loop yet
    await turn.finished(opened.reply_id)
    assert (await stored()).status == "stopped"
    assert opened.reply_id not in live.RUNNING


async def test_a_turn_whose_conversation_is_removed_asks_the_model_for_no_more(settings):
    settings.LLM_STRONG_MODEL = "paced-50-30-900"
    settings.CHAT_FLUSH_SECONDS = 0.1
    opened = await ask_here()
    await asyncio.sleep(0.5)
    await in_database(Conversation.objects.all().delete)
    async with asyncio.timeout(10):
        await turn.finished(opened.reply_id)
    assert (await in_database(Call.objects.get, purpose="answer")).outcome == "stopped"


async def test_f36_a_reply_is_stored_when_the_database_has_come_back(monkeypatch):
    away = iter([True, False])

    def close(*args, **kwargs) -> bool:
        if next(away):
            raise OperationalError("the connection is lost")
        return original(*args, **kwargs)

    original = conversations.close
    monkeypatch.setattr(conversations, "close", close)
    opened = await ask_here()
    await turn.finished(opened.reply_id)
    assert (await stored()).status == "done"


async def test_f36_a_page_sees_the_end_of_a_reply_that_could_not_be_stored(visitor: Visitor, settings, monkeypatch):
    async def fail(*_: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(turn, "_store", fail)
    settings.CHAT_STALE_SECONDS = settings.CHAT_FLUSH_SECONDS = 0.3
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        assert status_of(await socket.reply()) == "interrupted"


async def test_f28_a_process_that_stops_stores_what_it_has(settings):
    settings.LLM_STRONG_MODEL = "paced-50-30-900"
    await ask_here()
    await asyncio.sleep(1.5)  # until its first sentence is whole
    await live.drain(seconds=0.2)
    row = await stored()
    assert row.status == "interrupted"
    assert row.text


async def test_a66_an_endless_answer_is_cut(settings):
    settings.LLM_STRONG_MODEL = "paced-20-2000-900"
    settings.CHAT_MAX_REPLY_CHARACTERS = 500
    await in_database(lambda: live_version(tools=()))  # without guardrails: what it writes is no answer
    opened = await ask_here()
    await turn.finished(opened.reply_id)
    row = await stored()
    assert (row.status, row.finish_reason) == ("done", "length")
    assert 500 <= len(row.text) < 1000


async def test_f27_a_reply_whose_process_died_is_interrupted_and_keeps_its_text(visitor: Visitor, settings):
    settings.CHAT_STALE_SECONDS = 0
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        await in_database(Reply.objects.update, status="streaming", text="Half an answ")
        await socket.send(type="resume", changes=0)
        await socket.frame_with('data-status="interrupted"')
    row = await stored()
    assert (row.status, row.text) == ("interrupted", "Half an answ")
