"""A turn from the socket's side: one reply, one end state, whatever the model does."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from chat.models import Conversation, Question, Reply
from llm.database import in_database
from llm.models import Call
from tests.chat.browserless import Visitor, status_of, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("library")]
ABOUT_CLOSING = "How do I close my account?"


async def stored() -> Reply:
    return await in_database(Reply.objects.select_related("question").get)


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
    assert [step["step"] for step in row.receipt["steps"]] == ["search", "model"]


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
    ("model", "status", "code"),
    [
        pytest.param("fault-401", "failed", "provider_auth", id="f01_a_refused_key"),
        pytest.param("fault-429-3600", "failed", "provider_busy", id="f02_an_hour_of_waiting_is_not_waited"),
        pytest.param("fault-500", "failed", "provider_down", id="f03_a_broken_server"),
        pytest.param("fault-never-answers", "failed", "timeout", id="f05_no_first_token"),
        pytest.param("fault-slow-loris", "failed", "timeout", id="f06_only_keep_alives"),
        pytest.param("fault-cut-after-4", "interrupted", "interrupted", id="f07_cut_in_the_middle"),
        pytest.param("fault-malformed", "interrupted", "interrupted", id="f08_broken_json"),
        pytest.param("fault-empty-choices", "failed", "no_answer", id="f09_no_choices"),
        pytest.param("fault-empty-answer", "failed", "no_answer", id="f09_an_empty_answer"),
        pytest.param("fault-length-4", "done", "", id="f10_cut_at_its_length"),
        pytest.param("fault-content-filter", "refused", "", id="f11_filtered"),
    ],
)
async def test_a_fault_of_the_model_ends_in_one_state_with_words(
    visitor: Visitor, settings, model: str, status: str, code: str
):
    settings.LLM_STRONG_MODEL = model
    settings.LLM_FIRST_TOKEN_SECONDS = settings.LLM_IDLE_SECONDS = 0.5
    settings.LLM_RETRY_SECONDS = 1
    settings.LLM_RETRIES = 1
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        reply = await socket.reply()
    row = await stored()
    assert (row.status, row.failure_code) == (status, code)
    assert status_of(reply) == status
    ending = reply.css_first(".ending")
    assert ending is not None
    assert ending.text(strip=True)
    assert not any(secret in (reply.html or "") for secret in ("Traceback", "127.0.0.1", "Bearer", "sk-"))


async def test_f03_a_server_that_recovers_is_asked_again(visitor: Visitor, settings, key: str):
    settings.LLM_STRONG_MODEL = f"fault-500-once-{key}"
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        assert status_of(await socket.reply()) == "done"


async def test_f04_a_server_that_is_not_there_fails_in_words(visitor: Visitor, settings):
    settings.LLM_BASE_URL = "http://127.0.0.1:9/v1"
    settings.LLM_RETRIES = 0
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        assert status_of(await socket.reply()) == "failed"
    assert (await stored()).failure_code == "provider_down"


async def test_f07_a_cut_answer_can_be_continued_without_a_repeat(visitor: Visitor, settings):
    settings.LLM_STRONG_MODEL = "fault-cut-after-4"
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        cut = await stored()
        settings.LLM_STRONG_MODEL = "demo-strong"
        await socket.send(type="continue", reply=cut.pk)
        assert status_of(await socket.reply()) == "done"
    whole = await in_database(Reply.objects.get, variant=2)
    assert cut.text
    assert whole.text.startswith(cut.text)
    assert "choose Close account" in whole.text
    assert whole.text.count("open Settings") == 1


async def test_f16_without_embeddings_words_are_searched_and_it_is_said(visitor: Visitor, settings):
    settings.LLM_RETRIES = 0
    await visitor.load()
    async with visitor.socket() as socket:
        original = settings.LLM_EMBEDDING_MODEL
        settings.LLM_EMBEDDING_MODEL = "fault-500"
        await socket.ask(ABOUT_CLOSING)
        reply = await socket.reply()
        settings.LLM_EMBEDDING_MODEL = original
    assert status_of(reply) == "done"
    assert "Close account" in text_of(reply)
    assert "Limited search" in (reply.html or "")


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


async def test_answer_again_keeps_both_variants(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        await socket.send(type="again", reply=(await stored()).pk)
        reply = await socket.reply()
    assert await in_database(Reply.objects.count) == 2
    assert "Variant 1 of 2" in (reply.html or "")
