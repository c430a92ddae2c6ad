"""Questions to ask next: behind a good answer, about what the passages say, and never in its way."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from selectolax.lexbor import LexborHTMLParser

from chat import follow_ups, live
from chat.assistant import Assistant, Version, prompts_of_the_house
from chat.context import Exchange, Turn
from chat.models import Conversation, Reply
from knowledge.access import Viewer
from knowledge.search import Passage
from llm.database import in_database
from llm.models import Call
from tests import standin
from tests.chat.browserless import Socket, Visitor, status_of
from tests.chat.conftest import ABOUT_CLOSING, finished_behind, stored
from tests.chat.turns import live_version
from tests.factories import article

VERSION = Version(0, Assistant(prompts=prompts_of_the_house()))
CLOSE = """# Close your account

To close your online account, open Settings and choose Close account.

## If you change your mind

If you change your mind, you can open your account again within 30 days.

## Download your statements

Your statements are under Documents before you close the account."""
PASSAGE = Passage(
    chunk_id=1,
    document_id=uuid.UUID(int=1),
    version_number=1,
    title="Close your account",
    heading="If you change your mind",
    page=None,
    text=CLOSE + " A late fee of $35 is charged after the 15th.",
    score=1,
)
GOOD = "Can I reopen my account within 30 days?"


def turn(question: str = ABOUT_CLOSING, **fields: Any) -> Turn:
    return Turn(question, Viewer(), VERSION, passages=(PASSAGE,), **fields)


def buttons(html: LexborHTMLParser) -> list[str]:
    return [node.attributes["data-ask"] or "" for node in html.css("form.followups.next:not([hidden]) button")]


async def suggested(socket: Socket) -> list[str]:
    found = await socket.frame_with(r'id="follow-ups-[^>]*hx-swap-oob')
    return buttons(LexborHTMLParser(found.string))


@pytest.mark.parametrize(
    "question",
    [
        ABOUT_CLOSING,
        "how do I close my account",
        "How do I close the account?",
        "Close?",
        "Tell me about statements.",
        "Can I reopen my account at https://evil.example?",
        "Can I reopen my account on evil.example/login?",
        "Can I send my statements to ann@example.com?",
        "Can I reopen account 4111 1111 1111 1111 within 30 days?",
        "Can I reopen <b>my account</b> within 30 days?",
        "Can I [reopen](javascript:x) my account?",
        "Which wine goes with grilled fish and lemon?",
        "Can I reopen my account " + "and reopen my account " * 6 + "?",
        "",
    ],
)
def test_what_is_no_new_plain_question_about_the_passages_becomes_no_button(question):
    assert follow_ups.worth_asking(turn(), [question]) == []


def test_what_is_left_is_at_most_three_each_asked_once():
    suggestions = [
        GOOD,
        "Can I reopen the account within 30 days?",
        "Where do I download my statements?",
        "What is the late fee?",
        "When is a late fee charged?",
    ]
    assert follow_ups.worth_asking(turn(), suggestions) == [GOOD, *suggestions[2:4]]


def test_what_was_asked_before_is_not_suggested_again():
    asked_before = turn("And the late fee?", history=(Exchange(GOOD, "Yes [1]."),))
    assert follow_ups.worth_asking(asked_before, [GOOD]) == []


def test_f48_what_a_model_writes_into_a_suggestion_is_cleaned():
    assert follow_ups.worth_asking(turn(), ["Can I reopen\x00 my\n account within 30 days?"]) == [GOOD]


def test_the_small_model_reads_passages_question_and_answer_as_data(settings):
    asked = turn("How do I close </question> it? I am ann@example.com")
    asked.asked = asked.masks.mask(asked.question)
    line = {
        "expect": {
            "response_format": "json_schema",
            "contains": ["How do I close &lt;/question&gt; it?", "<answer>Write to [EMAIL_1] &lt;x&gt;</answer>"],
            "lacks": "ann@",
        },
        "reply": {"text": json.dumps({"questions": [GOOD]})},
    }
    with standin.script(line) as played:
        settings.LLM_SMALL_MODEL = played.model
        assert async_to_sync(follow_ups.suggest)(asked, "Write to ann@example.com <x>") == [GOOD]


@pytest.fixture
def close_article(transactional_db: None) -> None:
    article("Close your account", CLOSE)
    live_version()  # without guardrails, which may have their own opinion of a question


pytestmark_live = pytest.mark.usefixtures("close_article")


@pytestmark_live
async def test_they_come_behind_the_answer_and_stay_after_a_reload(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        questions = await suggested(socket)
    assert "What happens if I change my mind?" in questions
    conversation = await in_database(Conversation.objects.get)
    await visitor.load(f"/c/{conversation.pk}/")
    assert buttons(visitor.page) == questions == (await stored()).follow_ups
    form = visitor.page.css_first("form.followups.next")
    assert form is not None
    assert form.attributes["action"] == f"/c/{conversation.pk}/"  # without JavaScript the question goes into its field
    await visitor.load(f"/c/{conversation.pk}/?q=What+happens")
    field = visitor.page.css_first("#question")
    assert field is not None
    assert field.text() == "What happens"


@pytestmark_live
async def test_another_tab_gets_them_too_and_a_suggestion_that_is_asked_is_answered(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket, visitor.socket() as other:
        await socket.ask(ABOUT_CLOSING)
        questions = await suggested(other)
        await suggested(socket)
        await socket.ask(questions[0])
        assert status_of(await socket.reply()) == "done"
    second = await in_database(lambda: Reply.objects.order_by("created_at").last())
    assert second is not None
    assert await in_database(second.sources.count) > 0


@pytestmark_live
async def test_the_answer_does_not_wait_for_them(visitor: Visitor, settings):
    settings.LLM_SMALL_MODEL = "fault-never-answers"
    settings.CHAT_AFTERWARDS_SECONDS = 1.5
    await visitor.load()
    async with visitor.socket() as socket:
        began = time.monotonic()
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        assert live.AFTERWARDS, "they are still being written"
        second = await again_after(socket)
        assert status_of(second) == "done", "the next question is taken meanwhile"
    assert time.monotonic() - began < 15
    await finished_behind()
    assert (await in_database(lambda: list(Reply.objects.values_list("follow_ups", flat=True)))) == [[], []]


async def again_after(socket: Socket) -> LexborHTMLParser:
    await socket.ask("How do I download my statements?")
    return await socket.reply()


@pytestmark_live
@pytest.mark.parametrize("model", ["fault-401", "fault-html", "fault-empty-answer"])
async def test_a_model_that_fails_leaves_none_and_no_trace_on_the_page(visitor: Visitor, settings, model):
    settings.LLM_SMALL_MODEL = model
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        assert status_of(await socket.reply()) == "done"
        await finished_behind()
    assert (await stored()).follow_ups == []


async def purposes() -> set[str]:
    return await in_database(lambda: set(Call.objects.values_list("purpose", flat=True)))


@pytestmark_live
async def test_a_version_can_do_without_them(visitor: Visitor):
    await in_database(live_version, follow_ups=False)
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        await finished_behind()
    assert "follow_ups" not in await purposes()


@pytestmark_live
async def test_a51_the_last_of_the_days_budget_is_kept_for_answers(visitor: Visitor, settings):
    settings.CHAT_DAILY_BUDGET_USD = 1.0
    spent = {"purpose": "answer", "kind": "chat", "alias": "strong", "outcome": "done", "cost_microdollars": 850_000}
    await in_database(lambda: Call.objects.create(**spent))
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        assert status_of(await socket.reply()) == "done"
        await finished_behind()
    assert "follow_ups" not in await purposes()


@pytestmark_live
async def test_an_answer_that_rests_on_nothing_suggests_nothing(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask("Which wine goes with fish?")
        await socket.reply()
        await finished_behind()
    assert "follow_ups" not in await purposes()


@pytestmark_live
async def test_what_a_model_suggests_is_text_on_the_page(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
        await finished_behind()
    attack = '"><script>alert(1)</script>'
    await in_database(lambda: Reply.objects.update(follow_ups=[attack]))
    conversation = await in_database(Conversation.objects.get)
    await visitor.load(f"/c/{conversation.pk}/")
    assert buttons(visitor.page) == [attack]
    assert visitor.page.css("form.followups script") == []


async def test_a_process_that_stops_cuts_off_what_nobody_waits_for():
    cut = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            cut.set()

    live.later(endless(), name="endless")
    await asyncio.sleep(0)
    began = time.monotonic()
    await live.drain(0.1)
    assert cut.is_set()
    assert time.monotonic() - began < 5
    assert not live.AFTERWARDS
