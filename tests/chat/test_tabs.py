"""Closed tabs, second tabs, lost connections, double sends: one conversation, the same for all."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from chat import conversations
from chat.errors import Unwelcome
from chat.models import Question, Reply
from knowledge.access import Viewer
from llm.database import in_database
from tests.chat.browserless import Visitor, status_of, text_of
from tests.chat.conftest import ABOUT_CLOSING, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("library")]


async def test_f19_closing_the_tab_does_not_end_the_answer(visitor: Visitor, settings):
    settings.LLM_STRONG_MODEL = "paced-100-40-30"
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.frame_with("open-block")
    for _ in range(100):
        if (await stored()).status == "done":
            return
        await asyncio.sleep(0.1)
    pytest.fail("the answer never ended")


async def test_f20_a_page_that_comes_back_has_no_gap_and_no_repeat(visitor: Visitor, settings):
    settings.LLM_STRONG_MODEL = "paced-50-60-60"
    await visitor.load()
    async with visitor.socket() as first:
        await first.ask(ABOUT_CLOSING)
        await first.frame_with("open-block")
    async with visitor.socket() as second:
        await second.send(type="resume", changes=0)
        reply = await second.reply()
    assert status_of(reply) == "done"
    expected = "".join((await stored()).text.split())
    assert "".join(text_of(reply).split()) == expected


async def test_f20_a_second_tab_shows_the_same(visitor: Visitor, settings):
    settings.LLM_STRONG_MODEL = "paced-50-60-40"
    await visitor.load()
    async with visitor.socket() as first, visitor.socket() as second:
        await second.send(type="resume", changes=0)
        await first.ask(ABOUT_CLOSING)
        mine, other = await asyncio.gather(first.reply(), second.reply())
    assert text_of(mine) == text_of(other)


async def test_f20_a_page_that_resumes_twice_is_shown_the_whole_again(visitor: Visitor, settings):
    settings.LLM_STRONG_MODEL = "paced-50-60-400"
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.frame_with("open-block")
        await socket.send(type="resume", changes=0)
        await socket.frame_with('id="messages"')
        await socket.frame_with(r'<li class="reply"[^>]*data-status="streaming"[^>]*hx-swap-oob', seconds=3)
        await socket.send(type="stop")
        await socket.reply()


async def test_f20_f21_a_question_sent_again_after_a_lost_connection_is_shown_once(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as first:
        client_id = await first.ask(ABOUT_CLOSING)
        await first.reply()
    async with visitor.socket() as second:
        await second.send(type="resume", changes=0)
        await second.ask(ABOUT_CLOSING, client_id)
        await second.frame_with('id="history-list"')
    assert not [frame for frame in second.frames if "beforeend:#messages" in frame]


async def test_f21_the_same_send_twice_is_one_question_and_one_answer(visitor: Visitor):
    await visitor.load()
    client_id = uuid.uuid4()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING, client_id)
        await socket.ask(ABOUT_CLOSING, client_id)
        await socket.reply()
        await socket.ask(ABOUT_CLOSING, client_id)
        await socket.frame_with('id="accepted"')
    assert await in_database(Question.objects.count) == 1
    assert await in_database(Reply.objects.count) == 1


async def test_f22_one_answer_at_a_time_in_a_conversation(visitor: Visitor, settings):
    settings.LLM_STRONG_MODEL = "paced-100-30-60"
    await visitor.load()
    async with visitor.socket() as first, visitor.socket() as second:
        await first.ask(ABOUT_CLOSING)
        await first.frame_with("open-block")
        await second.ask("And the late fee?")
        assert await second.problem() == "still_answering"
        await first.send(type="stop")
        await first.reply()
    assert await in_database(Question.objects.count) == 1


@pytest.mark.parametrize("sends", ["f21_the_same_question", "f22_different_questions"])
async def test_at_the_same_moment_only_one_is_taken(sends: str):
    viewer, conversation, same = Viewer(visitor="v1"), uuid.uuid4(), uuid.uuid4()

    def send(number: int) -> str:
        client_id = same if sends.startswith("f21") else uuid.uuid4()
        try:
            conversations.open_question(viewer, conversation_id=conversation, client_id=client_id, text=f"{number}?")
        except Unwelcome as problem:
            return problem.code
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(5) as tabs:
        results = sorted(tabs.map(send, range(5)))
    assert results == (["taken"] * 5 if sends.startswith("f21") else ["still_answering"] * 4 + ["taken"])
    assert await in_database(Question.objects.count) == await in_database(Reply.objects.count) == 1
