"""Whose object is it: another's conversation answers like one that does not exist, at every door."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from websockets.exceptions import InvalidStatus

from chat import turn
from chat.models import Conversation, Feedback, Question, Reply, Source
from chat.visitors import ticket_for
from knowledge.access import Viewer
from llm.database import in_database
from tests.chat.browserless import Visitor, status_of, text_of
from tests.chat.conftest import ABOUT_CLOSING, model_calls
from tests.chat.turns import live_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("library")]


@pytest.fixture
async def mine(visitor: Visitor) -> Conversation:
    """A conversation of `visitor`, with one answered question."""
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
    return await in_database(Conversation.objects.get)


@pytest.fixture
async def stranger(live: str) -> Visitor:
    other = Visitor(live)
    await other.load()
    return other


async def test_a01_another_visitor_cannot_read_or_continue_a_conversation(mine: Conversation, stranger: Visitor):
    assert await stranger.load(f"/c/{mine.pk}/") == await stranger.load(f"/c/{uuid.uuid4()}/") == 404
    await stranger.load()
    answer = await stranger.post(
        "/ask/", conversation=mine.pk, ticket=stranger.field("ticket"), client_id=uuid.uuid4(), text="Go on"
    )
    assert answer.status_code == 404
    assert await in_database(Question.objects.count) == 1


@pytest.mark.parametrize("ticket", ["", "made-up", "another conversation's"])
async def test_a02_a60_a_socket_without_the_pages_ticket_is_refused_before_it_opens(
    mine: Conversation, stranger: Visitor, ticket: str
):
    if ticket == "another conversation's":
        ticket = stranger.field("ticket")
    with pytest.raises(InvalidStatus) as refused:
        async with stranger.socket(f"/ws/conversations/{mine.pk}/?ticket={ticket}"):
            pass
    assert refused.value.response.status_code == 403


async def test_a60_a_stolen_ticket_opens_nothing_for_another_session(
    mine: Conversation, visitor: Visitor, stranger: Visitor
):
    await visitor.load(f"/c/{mine.pk}/")
    with pytest.raises(InvalidStatus):
        async with stranger.socket(visitor.socket_path):
            pass


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_a60_a_page_of_another_site_cannot_open_the_socket(visitor: Visitor, origin: str | None):
    await visitor.load()
    with pytest.raises(InvalidStatus) as refused:
        async with visitor.socket(origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_a03_another_visitors_stop_changes_nothing(visitor: Visitor, stranger: Visitor, settings):
    settings.LLM_STRONG_MODEL = "paced-50-60-40"
    settings.CHAT_FLUSH_SECONDS = 0.1
    await visitor.load()
    async with visitor.socket() as own, stranger.socket() as other:
        await own.ask(ABOUT_CLOSING)
        await own.frame_with("open-block")
        await other.send(type="stop")
        await turn.stop(Viewer(visitor="a stranger"), uuid.UUID(visitor.field("conversation")))
        assert status_of(await own.reply()) == "done"


async def test_a03_another_visitors_reply_cannot_be_asked_again(mine: Conversation, stranger: Visitor):
    reply = await in_database(Reply.objects.get)
    async with stranger.socket() as socket:
        await socket.send(type="again", reply=reply.pk)
        assert await socket.problem() == "not_found"
        await socket.send(type="again", reply=uuid.uuid4())
        assert await socket.problem() == "not_found"
    assert await in_database(Reply.objects.count) == 1


async def test_a12_a_passage_opens_for_its_own_reader_only(mine: Conversation, visitor: Visitor, stranger: Visitor):
    source = await in_database(Source.objects.get)
    assert await visitor.load(f"/sources/{source.pk}/") == 200
    assert await stranger.load(f"/sources/{source.pk}/") == 404


async def test_f54_a_removed_document_shows_no_text_in_an_old_citation(mine: Conversation, visitor: Visitor):
    source = await in_database(Source.objects.select_related("document").get)
    await in_database(_remove, source)
    await visitor.load(f"/sources/{source.pk}/")
    page = visitor.page.text()
    assert "has been removed" in page
    assert "choose Close account" not in page


def _remove(source: Source) -> None:
    assert source.document
    source.document.removed_at = "2026-01-01T00:00:00Z"
    source.document.save()


async def test_feedback_on_anothers_reply_is_not_found(mine: Conversation, visitor: Visitor, stranger: Visitor):
    reply = await in_database(Reply.objects.get)
    assert (await stranger.post(f"/replies/{reply.pk}/feedback/", verdict="down")).status_code == 404
    assert await in_database(Feedback.objects.count) == 0
    await visitor.load(f"/c/{mine.pk}/")
    assert (await visitor.post(f"/replies/{reply.pk}/feedback/", verdict="down", comment="Old")).status_code == 302
    assert await in_database(lambda: Feedback.objects.get().comment) == "Old"


async def test_a20_ids_and_owners_in_a_post_are_ignored(mine: Conversation, visitor: Visitor):
    reply = await in_database(Reply.objects.get)
    await visitor.load(f"/c/{mine.pk}/")
    await visitor.post(
        f"/replies/{reply.pk}/feedback/", verdict="up", reply=uuid.uuid4(), id=99, created_at="1999-01-01"
    )
    feedback = await in_database(Feedback.objects.get)
    assert (feedback.reply_id, feedback.created_at.year > 2000) == (reply.pk, True)


async def test_without_javascript_a_question_is_answered_by_plain_forms(visitor: Visitor):
    await visitor.load()
    fields = {name: visitor.field(name) for name in ("conversation", "ticket", "client_id")}
    answer = await visitor.post("/ask/", text=ABOUT_CLOSING, **fields)
    assert answer.status_code == 302
    await visitor.load(answer.headers["location"])
    assert "choose Close account" in text_of(visitor.page)
    reply = await in_database(Reply.objects.get)
    answer = await visitor.post(f"/replies/{reply.pk}/again/", type="again")
    assert answer.status_code == 302
    await visitor.load(answer.headers["location"])
    assert "Variant 2 of 2" in (visitor.page.html or "")


async def test_a20_a_new_conversation_belongs_to_who_began_it_whatever_is_posted(visitor: Visitor):
    await visitor.load()
    fields = {name: visitor.field(name) for name in ("conversation", "ticket", "client_id")}
    await visitor.post("/ask/", text=ABOUT_CLOSING, customer=1, visitor="v2", title="T", role="admin", **fields)
    conversation = await in_database(Conversation.objects.get)
    assert (conversation.customer_id, conversation.title) == (None, ABOUT_CLOSING)
    assert conversation.visitor != "v2"
    assert await visitor.load(f"/c/{conversation.pk}/") == 200


@pytest.mark.parametrize("missing", ["conversation", "ticket", "client_id"])
async def test_a54_a_form_without_one_of_its_fields_is_refused(visitor: Visitor, missing: str):
    await visitor.load()
    fields = {name: visitor.field(name) for name in ("conversation", "ticket", "client_id") if name != missing}
    assert (await visitor.post("/ask/", text=ABOUT_CLOSING, **fields)).status_code == 400
    assert await in_database(Question.objects.count) == 0


async def test_a_plain_form_keeps_the_text_that_was_refused(visitor: Visitor):
    await visitor.load()
    fields = {name: visitor.field(name) for name in ("conversation", "ticket", "client_id")}
    answer = await visitor.post("/ask/", text="x" * 4001, **fields)
    assert answer.status_code == 400
    assert "longer than 4000 characters" in answer.text
    assert "x" * 4001 in answer.text


async def test_a51_many_questions_are_refused_with_the_time_to_wait(visitor: Visitor, settings):
    settings.CHAT_QUESTIONS_PER_SESSION = "2/10m"
    await in_database(lambda: live_version(follow_ups=False))  # they are asked for after the reply
    await visitor.load()
    async with visitor.socket() as socket:
        for _ in range(2):
            await socket.ask(ABOUT_CLOSING)
            await socket.reply()
        before = model_calls()
        await socket.ask(ABOUT_CLOSING)
        assert await socket.problem() == "too_many_questions"
    assert model_calls() == before


async def test_a51_new_sessions_from_one_address_share_its_limit(live: str, settings):
    settings.CHAT_QUESTIONS_PER_ADDRESS = "1/10m"
    first, second = Visitor(live), Visitor(live)
    await first.load()
    async with first.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        await socket.reply()
    await second.load()
    fields = {name: second.field(name) for name in ("conversation", "ticket", "client_id")}
    answer = await second.post("/ask/", text=ABOUT_CLOSING, **fields)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 600


async def test_a51_at_the_daily_budget_nothing_is_asked(visitor: Visitor, settings):
    from llm.models import Call

    settings.CHAT_DAILY_BUDGET_USD = 0.01
    await in_database(
        Call.objects.create, purpose="answer", kind="chat", alias="strong", outcome="done", cost_microdollars=10_000
    )
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.ask(ABOUT_CLOSING)
        assert await socket.problem() == "budget_reached"


async def test_a53_a_huge_frame_closes_its_own_socket_only(visitor: Visitor):
    await visitor.load()
    async with visitor.socket() as hostile, visitor.socket() as other:
        await hostile.connection.send("x" * 70_000)
        await asyncio.wait_for(hostile.connection.wait_closed(), 10)
        assert hostile.connection.close_code == 1009
        await other.ask(ABOUT_CLOSING)
        assert status_of(await other.reply()) == "done"


@pytest.mark.parametrize("frame", ["", "{", "[]", '"ask"', "{}", '{"type":"ask"}', '{"type":"stop","all":true}'])
async def test_a54_a_broken_frame_gets_a_code_and_the_socket_lives(visitor: Visitor, frame: str):
    await visitor.load()
    async with visitor.socket() as socket:
        await socket.connection.send(frame)
        assert await socket.problem() == "bad_frame"
        await socket.ask(ABOUT_CLOSING)
        assert status_of(await socket.reply()) == "done"


async def test_a08_a_signed_out_session_is_closed_with_its_next_frame(visitor: Visitor):
    from django.contrib.sessions.models import Session

    await visitor.load()
    async with visitor.socket() as socket:
        await in_database(Session.objects.all().delete)
        await socket.ask(ABOUT_CLOSING)
        await asyncio.wait_for(socket.connection.wait_closed(), 10)
        assert socket.connection.close_code == 4404
    assert await in_database(Question.objects.count) == 0


async def test_a18_ids_are_random(mine: Conversation):
    rows = [mine, *await in_database(lambda: [Question.objects.get(), Reply.objects.get(), Source.objects.get()])]
    assert all(isinstance(row.pk, uuid.UUID) and row.pk.version == 4 for row in rows)


async def test_a_ticket_without_a_viewer_is_worth_nothing(visitor: Visitor):
    from chat.visitors import has_ticket

    name = uuid.uuid4()
    assert not has_ticket(Viewer(), name, ticket_for(Viewer(), name))
