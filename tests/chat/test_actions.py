"""What waits for a click: exactly what the card says is done, once, for its own customer."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

import llm
from chat import actions, conversations, fragments, memory
from chat.actions import DECLINED, EXPIRED, FAILED, GONE
from chat.events import ActionProposed
from chat.models import Action, Conversation, Question, Reply, Ticket
from chat.tools import TOOLS
from chat.tools.open_ticket import open_ticket
from chat.versions.states import live_version
from knowledge.access import Viewer
from llm.database import in_database
from tests import standin
from tests.chat.browserless import Visitor, text_of
from tests.chat.tooling import calls, says
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)

VISITOR = Viewer(visitor="v1")
STRANGER = Viewer(visitor="v2")
SAID = {"subject": "My <b>statement</b>", "details": "It is missing.\nPlease send it & soon."}


def conversation() -> Conversation:
    found, _ = Conversation.objects.get_or_create(visitor="v1")
    return found


def replied(*proposed: ActionProposed, status: str = "done", number: int = 1) -> Reply:
    """A reply that was closed with cards, as a turn does it."""
    own = conversation()
    question = Question.objects.create(conversation=own, client_id=uuid.uuid4(), text="Help me", number=number)
    reply = Reply.objects.create(conversation=own, question=question)
    conversations.close(reply.pk, status=status, text="I have prepared it.", proposed=proposed)
    return reply


@pytest.fixture
def action(transactional_db: None) -> Action:
    replied(ActionProposed("open_ticket", SAID))
    return Action.objects.get()


def fresh(action: Action) -> Action:
    return Action.objects.get(pk=action.pk)


# ── The click ────────────────────────────────────────────────────────────────
def test_the_click_does_what_the_card_says_and_the_card_says_what_came_of_it(action: Action):
    done = actions.confirm(VISITOR, action.pk)
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.details) == (SAID["subject"], SAID["details"])
    assert done.state == "done"
    assert f"Ticket #{ticket.pk} is open" in done.result
    assert actions.card_of(fresh(action)).says == done.result


def test_the_click_asks_no_model(action: Action, settings):
    settings.LLM_BASE_URL = "http://127.0.0.1:1/v1"
    assert actions.confirm(VISITOR, action.pk).state == "done"


def test_f15_a_second_click_finds_what_the_first_one_came_to(action: Action):
    assert actions.confirm(VISITOR, action.pk).result == actions.confirm(VISITOR, action.pk).result
    assert Ticket.objects.count() == 1


def test_f15_clicks_at_the_same_moment_open_one_ticket(action: Action):
    def click(_: int) -> str:
        try:
            return actions.confirm(VISITOR, action.pk).result
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        results = set(threads.map(click, range(6)))
    assert len(results) == 1
    assert Ticket.objects.count() == 1


def test_f15_a_crash_between_the_tool_and_its_note_opens_no_second_ticket(action: Action, monkeypatch):
    def crash(_: Action) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as broken:
        broken.setattr(actions, "_end", crash)
        with pytest.raises(SystemExit):
            actions.confirm(VISITOR, action.pk)
    assert Ticket.objects.count() == 1
    assert fresh(action).state == "pending"
    done = actions.confirm(VISITOR, action.pk)
    assert done.state == "done"
    assert f"#{Ticket.objects.get().pk} " in done.result


def test_f15_a_tool_that_fails_after_it_wrote_can_be_clicked_again(action: Action, monkeypatch):
    async def open_and_fail(subject: str, details: str, viewer: Viewer, key: uuid.UUID) -> str:
        """Open."""
        await open_ticket.function(subject, details, viewer, key)
        raise RuntimeError("the answer was lost")

    with monkeypatch.context() as broken:
        broken.setattr(actions, "TOOLS", (under_the_name_of(open_ticket, open_and_fail),))
        failed = actions.confirm(VISITOR, action.pk)
    assert (failed.state, failed.result) == ("failed", FAILED)
    assert actions.card_of(failed).can_be_clicked
    assert actions.confirm(VISITOR, action.pk).state == "done"
    assert Ticket.objects.count() == 1


def under_the_name_of(tool: llm.Tool, function: Any) -> llm.Tool:
    function.__name__ = tool.name
    return llm.tool(effect="write")(function)


def test_a_slow_tool_is_not_waited_for_without_end(action: Action, monkeypatch, settings):
    settings.CHAT_TOOL_CALL_SECONDS = 0.1

    async def open_slowly(subject: str, details: str, key: uuid.UUID) -> str:
        """Open."""
        await asyncio.sleep(5)
        return "late"

    monkeypatch.setattr(actions, "TOOLS", (under_the_name_of(open_ticket, open_slowly),))
    assert actions.confirm(VISITOR, action.pk).state == "failed"


def test_what_was_declined_is_not_done_by_a_later_click(action: Action):
    assert actions.decline(VISITOR, action.pk).result == DECLINED
    assert actions.confirm(VISITOR, action.pk).state == "declined"
    assert Ticket.objects.count() == 0


def test_what_is_done_is_not_undone_by_declining_it(action: Action):
    actions.confirm(VISITOR, action.pk)
    assert actions.decline(VISITOR, action.pk).state == "done"


def test_a_card_does_not_wait_for_ever(action: Action, settings):
    created = timezone.now() - timedelta(hours=settings.CHAT_ACTION_HOURS, minutes=1)
    Action.objects.update(created_at=created)
    assert actions.confirm(VISITOR, action.pk).state == "pending"
    card = actions.card_of(fresh(action))
    assert (card.state, card.says, card.can_be_clicked) == ("expired", EXPIRED, False)
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize("arguments", [{"subject": "x"}, {"subject": "My statement", "details": "d", "key": "k"}, {}])
def test_arguments_that_are_not_valid_any_more_do_nothing(action: Action, arguments: dict[str, str]):
    Action.objects.update(arguments=arguments)
    assert actions.confirm(VISITOR, action.pk).result == GONE
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize("tool", ["no_such_tool", "get_mortgage_rates"])
def test_only_a_tool_that_changes_something_can_be_clicked(action: Action, tool: str):
    Action.objects.update(tool=tool, arguments={})
    assert actions.confirm(VISITOR, action.pk).result == GONE
    assert not actions.card_of(fresh(action)).can_be_clicked


def test_a_tool_that_was_switched_off_meanwhile_does_nothing(action: Action, monkeypatch):
    version = live_version()
    without = version._replace(assistant=version.assistant.model_copy(update={"tools": ()}))
    monkeypatch.setattr(actions, "live_version", lambda: without)
    assert actions.confirm(VISITOR, action.pk).result == GONE
    assert Ticket.objects.count() == 0


def test_a48_nobody_clicks_on_the_card_of_another(action: Action):
    for viewer in (STRANGER, Viewer(), Viewer.of(person("admin"), "v1")):
        for act in (actions.confirm, actions.decline):
            with pytest.raises(Action.DoesNotExist):
                act(viewer, action.pk)
    assert fresh(action).state == "pending"


# ── Which replies have cards, and what later turns know ──────────────────────
@pytest.mark.parametrize("status", ["stopped", "failed", "interrupted", "refused"])
def test_a_reply_that_did_not_come_to_its_end_has_no_cards(transactional_db, status: str):
    replied(ActionProposed("open_ticket", SAID), status=status)
    assert not Action.objects.exists()


def test_a_later_turn_knows_what_came_of_a_card(action: Action):
    def told() -> str:
        _, exchanges = memory.history_of(conversation(), before=2)
        return exchanges[0].reply

    assert "(Open a ticket: a card was shown, and not clicked yet)" in told()
    actions.confirm(VISITOR, action.pk)
    assert f"(Open a ticket: Ticket #{Ticket.objects.get().pk} is open" in told()


def test_a_click_lets_other_tabs_know_that_they_show_an_older_state(action: Action):
    before = conversation().changes
    actions.confirm(VISITOR, action.pk)
    assert conversation().changes == before + 1
    actions.confirm(VISITOR, action.pk)
    assert conversation().changes == before + 1


def test_an_answer_with_a_card_does_not_count_as_knowing_nothing(action: Action):
    assert not fragments.of_row(action.reply).leaves_open


@pytest.mark.parametrize(
    ("lookups", "leaves_open"),
    [
        ([], True),
        ([{"words": "Looked up today's rates", "failed": False, "is_fact": True}], False),
        ([{"words": "Could not look up today's rates", "failed": True, "is_fact": False}], True),
        ([{"words": "Looked up more in the help center", "failed": False, "is_fact": False}], True),
    ],
)
def test_an_answer_that_rests_on_a_look_up_does_not_count_as_knowing_nothing(
    transactional_db, lookups: list[dict[str, Any]], leaves_open: bool
):
    reply = replied()
    Reply.objects.update(lookups=lookups)
    assert fragments.of_row(Reply.objects.get(pk=reply.pk)).leaves_open is leaves_open


# ── On the page ──────────────────────────────────────────────────────────────
def page_of(client: Client, action: Action) -> LexborHTMLParser:
    answer = client.get(reverse("conversation", args=[action.reply.conversation_id]))
    return LexborHTMLParser(answer.content.decode())


@pytest.fixture
def client_of_the_visitor() -> Client:
    client = Client()
    client.get("/")
    session = client.session
    session["visitor"] = "v1"
    session.save()
    return client


def test_the_card_shows_exactly_what_will_be_done_as_text(action: Action, client_of_the_visitor: Client):
    page = page_of(client_of_the_visitor, action)
    card = page.css_first(f"#action-{action.pk}")
    assert card is not None
    assert [node.text() for node in card.css("dt")] == ["Subject", "Details"]
    assert [node.text() for node in card.css("dd")] == [SAID["subject"], SAID["details"]]
    assert not card.css("b")
    assert [node.text(strip=True) for node in card.css("button")] == ["Open a ticket", "No, thank you"]


def test_a_plain_post_leads_back_to_the_card(action: Action, client_of_the_visitor: Client):
    answer = client_of_the_visitor.post(reverse("confirm_action", args=[action.pk]))
    assert answer.status_code == 302
    assert answer["Location"] == f"/c/{action.reply.conversation_id}/#action-{action.pk}"
    card = page_of(client_of_the_visitor, action).css_first(f"#action-{action.pk}")
    assert card is not None
    assert "is open" in card.text()
    assert not card.css("button")


def test_htmx_gets_the_card_alone(action: Action, client_of_the_visitor: Client):
    path = reverse("decline_action", args=[action.pk])
    answer = client_of_the_visitor.post(path, headers={"HX-Request": "true"})
    content = answer.content.decode()
    assert content.lstrip().startswith(f'<section class="card action" id="action-{action.pk}"')
    assert DECLINED in content
    assert "<button" not in content


def test_a_card_cannot_be_clicked_by_following_a_link(action: Action, client_of_the_visitor: Client):
    for name in ("confirm_action", "decline_action"):
        assert client_of_the_visitor.get(reverse(name, args=[action.pk])).status_code == 405
    assert fresh(action).state == "pending"


def test_a_card_cannot_be_clicked_from_another_site(action: Action):
    strict = Client(enforce_csrf_checks=True)
    strict.get("/")
    session = strict.session
    session["visitor"] = "v1"
    session.save()
    assert strict.post(reverse("confirm_action", args=[action.pk])).status_code == 403
    assert Ticket.objects.count() == 0


# ── The whole way ────────────────────────────────────────────────────────────
@pytest.fixture
def only_the_house(monkeypatch) -> None:
    """Tools as on the shelf, and no guardrail that would have a say in the model's words."""
    version = live_version()
    bare = version.assistant.model_copy(update={"guardrails": {}, "tools": tuple(tool.name for tool in TOOLS)})
    monkeypatch.setattr(conversations, "live_version", lambda: live_version()._replace(assistant=bare))


async def test_a_card_streams_in_with_its_reply_is_clicked_and_known_to_the_next_turn(
    visitor: Visitor, settings, library, only_the_house
):
    await visitor.load()
    propose = calls(("open_ticket", SAID))
    with standin.script(
        propose,
        says("Please check the card.", contains='status="waiting"'),
        says("It is open already.", contains="(Open a ticket: Ticket #"),
    ) as played:
        settings.LLM_STRONG_MODEL = played.model
        async with visitor.socket() as socket:
            await socket.ask("Please open a ticket for me")
            reply = await socket.reply()
            action = await in_database(Action.objects.select_related("reply").get)
            assert reply.css_first(f"#action-{action.pk} button") is not None
            assert await in_database(Ticket.objects.count) == 0
            await visitor.load(f"/c/{action.reply.conversation_id}/")
            assert visitor.page.css_first(f"#confirm-{action.pk}") is not None
            answer = await visitor.post(f"/actions/{action.pk}/confirm/")
            assert answer.status_code == 302
            assert await in_database(Ticket.objects.count) == 1
            await socket.ask("And is it open?")
            assert "It is open already." in text_of(await socket.reply())


async def test_a_page_that_comes_back_shows_what_was_clicked_elsewhere(
    visitor: Visitor, settings, library, only_the_house
):
    await visitor.load()
    with standin.script(calls(("open_ticket", SAID)), says("Please check the card.")) as played:
        settings.LLM_STRONG_MODEL = played.model
        async with visitor.socket() as socket:
            await socket.ask("Please open a ticket for me")
            await socket.reply()
    action = await in_database(Action.objects.select_related("reply__conversation").get)
    shown = action.reply.conversation.changes
    await visitor.post(f"/actions/{action.pk}/decline/")
    async with visitor.socket() as socket:
        await socket.send(type="resume", changes=shown)
        frame = await socket.frame_with('id="messages"')
    assert DECLINED in frame.string
