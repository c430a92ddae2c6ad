"""One reply, one end state, whatever the model does."""

from __future__ import annotations

import pytest

from chat.models import Reply
from llm.database import in_database
from tests.chat.browserless import Visitor, status_of, text_of
from tests.chat.conftest import ABOUT_CLOSING, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("library")]


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
