"""A turn from the socket's side: what is asked, what is shown, what is kept."""

from __future__ import annotations

import uuid

import pytest

import llm
from chat.models import Conversation, Question, Reply
from llm.database import in_database
from llm.models import Call
from tests.chat.browserless import Visitor, status_of, text_of
from tests.chat.conftest import ABOUT_CLOSING, finished_behind, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("library")]


async def test_the_reply_streams_in_and_ends_with_its_source(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        reply = await socket.reply()
    assert status_of(reply) == "done"
    assert "choose Close account" in text_of(reply)
    assert "Source 1: Closing your account" in (reply.html or "")
    row = await stored()
    assert (row.status, row.finish_reason, row.model) == ("done", "stop", "demo-strong")
    assert [step["step"] for step in row.receipt["steps"]] == [
        "question checks",
        "search",
        "model",
        "answer checks",
    ]


async def test_a_reload_shows_the_reply_as_it_was_streamed(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        streamed = await socket.reply()
    conversation = await in_database(Conversation.objects.get)
    await visitor.load(f"/c/{conversation.pk}/")
    node = visitor.page.css_first("li.reply .body")
    assert node is not None
    assert node.text(strip=True) == streamed.css_first("li.reply .body").text(strip=True)  # type: ignore[union-attr]


async def test_every_call_of_a_turn_is_in_the_ledger_under_its_purpose(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
    calls = await in_database(lambda: {(call.kind, call.purpose) for call in Call.objects.all()})
    assert {("chat", "answer"), ("embedding", "question")} <= calls


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), ("   \n", "empty"), ("\x00\x01\x02", "unreadable"), ("x" * 4001, "too_long")],
)
async def test_a_question_that_cannot_be_used_is_refused_in_words(visitor: Visitor, text: str, code: str):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(text)
        assert await socket.problem() == code
    assert await in_database(Question.objects.count) == 0


async def test_f48_control_characters_and_lone_surrogates_are_taken_out(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.connection.send(
            f'{{"type": "ask", "client_id": "{uuid.uuid4()}", "text": "How do I \\u0000close\\ud800 my account?"}}'
        )
        await socket.reply()
    assert (await stored()).question.text == ABOUT_CLOSING


async def test_a_follow_up_is_asked_with_what_was_said_before(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        for text in (ABOUT_CLOSING, "What is the late fee?"):
            await socket.ask(text)
            await socket.reply()
    questions = await in_database(lambda: list(Question.objects.values_list("number", flat=True)))
    assert questions == [1, 2]
    replies = await in_database(lambda: list(Reply.objects.order_by("created_at")))
    read_first = [[step["step"] for step in reply.receipt["steps"]].count("understanding") for reply in replies]
    assert read_first == [0, 1]


async def test_every_call_behind_a_turn_names_its_version_its_reply_and_a_known_purpose(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        for text in (ABOUT_CLOSING, "how long does it take?"):
            await socket.ask(text)
            await socket.reply()
    await finished_behind()
    replies = await in_database(lambda: {reply.pk: reply.version for reply in Reply.objects.select_related("version")})
    calls = await in_database(lambda: list(Call.objects.exclude(purpose="ingest")))
    assert {"answer", "question", "triage", "follow_ups"} <= {call.purpose for call in calls} <= set(llm.PURPOSES)
    for call in calls:
        version = replies[call.turn] if call.turn else None
        assert version is not None
        assert call.version == f"v{version.number} {version.hash[:8]}"


async def test_answer_again_keeps_both_variants(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        await socket.send(type="again", reply=(await stored()).pk)
        reply = await socket.reply()
    assert await in_database(Reply.objects.count) == 2
    assert "Variant 1 of 2" in (reply.html or "")


async def test_a_variant_that_failed_leads_back_to_the_one_before(visitor: Visitor, settings):
    settings.LLM_RETRIES = 0
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        settings.LLM_STRONG_MODEL = "fault-500"
        await socket.send(type="again", reply=(await stored()).pk)
        reply = await socket.reply()
    assert status_of(reply) == "failed"
    assert "Variant 1 of 2" in (reply.html or "")
