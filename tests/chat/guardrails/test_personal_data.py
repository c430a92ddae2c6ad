"""What a customer types of himself goes to no model and into no record, and comes back on his own page only."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings

from chat import conversations
from chat.assistant import Assistant, Version, prompts_of_the_house
from chat.context import Exchange, Turn
from chat.guarding import prepare
from chat.guardrails import INPUT_GUARDRAILS
from chat.models import Conversation, Finding, Question, Reply
from chat.versions.states import house
from knowledge.access import Viewer
from llm.database import in_database
from llm.models import Call
from tests import standin
from tests.chat.browserless import Visitor, status_of, text_of
from tests.chat.turns import live_version
from tests.chat.wiretap import wiretap

MAIL, CARD, SSN, PHONE = "canary.mouse@example.com", "4111 1111 1111 1111", "460-89-9847", "(905) 674-3793"
CANARIES = ("canary", "mouse@", "4111 1111", "4111111111111111", "460-89", "460899847", "674-3793", "9056743793")
FIRST = f"How do I close my account? I am {MAIL}, card {CARD}."
SECOND = f"And what is the late fee? My SSN is {SSN}, still {MAIL}, call {PHONE}."
MAY_HOLD_IT = {
    ("Question", "text"),
    ("Reply", "text"),
    ("Conversation", "title"),
    ("Conversation", "summary"),
}  # the customer's own view
ONLY_THIS: dict[str, Any] = {"personal_data": {}, "data_of_others": {}}


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def turn(question: str, *history: Exchange, **fields: Any) -> Turn:
    version = Version(0, Assistant(prompts=prompts_of_the_house(), guardrails={"personal_data": {}}))
    return Turn(question, Viewer(), version, history=history, **fields)


def rows_with_a_canary() -> set[tuple[str, str]]:
    """Every field of every table that holds one."""
    found = set()
    for model in apps.get_models():
        for row in model._default_manager.all().values():
            found |= {(model.__name__, name) for name, value in row.items() if leaks(json.dumps(value, default=str))}
    return found


async def converse(visitor: Visitor, *questions: str) -> list[str]:
    """The texts of the replies as they were streamed."""
    await visitor.load()
    shown = []
    async with visitor.socket() as socket:
        for question in questions:
            await socket.ask(question)
            reply = await socket.reply()
            assert status_of(reply) == "done"
            shown.append(text_of(reply))
    return shown


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("when", ["never", "always"])
async def test_no_request_record_or_log_holds_what_a_customer_typed(visitor: Visitor, settings, capfd, caplog, when):
    """The whole shelf is switched on, and all models are asked: triage, embedding, moderation, judge and answer."""
    triage = house().triage.model_copy(update={"when": when})
    await in_database(lambda: live_version(guardrails=house().guardrails, triage=triage))
    async with wiretap(str(django_settings.LLM_BASE_URL)) as tap:
        settings.LLM_BASE_URL = tap.address
        await converse(visitor, FIRST, SECOND, "What about it?")
        heard = tap.text
    kinds = await in_database(lambda: {call.kind for call in Call.objects.all()})
    assert {"chat", "embedding"} <= kinds
    assert "[EMAIL_1]" in heard
    assert "[CARD_1]" in heard
    assert "[SSN_1]" in heard
    assert leaks(heard) == []
    assert await in_database(rows_with_a_canary) <= MAY_HOLD_IT
    assert leaks(caplog.text) == []
    assert leaks("".join(capfd.readouterr())) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("library")
async def test_records_stay_masked_in_a_version_without_the_guardrail(visitor: Visitor):
    """What a model makes of an address that it was given may read otherwise, so none is asked before the answer."""
    triage = house().triage.model_copy(update={"when": "never"})
    await in_database(lambda: live_version(guardrails={}, triage=triage))
    await converse(visitor, FIRST, SECOND)
    assert await in_database(rows_with_a_canary) <= MAY_HOLD_IT


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("library")
async def test_the_model_reads_placeholders_and_the_customer_his_own_data(visitor: Visitor, settings):
    await in_database(
        lambda: live_version(guardrails=ONLY_THIS, triage=house().triage.model_copy(update={"when": "never"}))
    )
    first = {
        "expect": {"contains": ["I am [EMAIL_1], card [CARD_1]."], "lacks": list(CANARIES)},
        "reply": {"text": "We write to [EMAIL_1] and to email_1, and block [CARD_1]. [EMAIL_7] is nobody."},
    }
    second = {
        "expect": {
            "contains": ["block [CARD_1]", "My SSN is [SSN_1], still [EMAIL_1], call [PHONE_1]."],
            "lacks": list(CANARIES),
        },
        "reply": {"text": "Still [EMAIL_1], and [SSN_1]."},
    }
    with standin.script(first, second) as played:
        settings.LLM_STRONG_MODEL = played.model
        shown = await converse(visitor, FIRST, SECOND)
    assert f"We write to {MAIL} and to {MAIL}, and block {CARD}. […] is nobody." in shown[0]
    assert f"Still {MAIL}, and {SSN}." in shown[1]
    conversation = await in_database(Conversation.objects.get)
    await visitor.load(f"/c/{conversation.pk}/")
    reloaded = [node.text(separator=" ", strip=True) for node in visitor.page.css("li.reply .body")]
    assert [text.split() for text in reloaded] == [text.split() for text in shown]
    assert await in_database(lambda: list(Question.objects.values_list("text", flat=True))) == [FIRST, SECOND]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("library")
async def test_a_placeholder_that_comes_in_pieces_is_put_back_whole(visitor: Visitor, settings):
    """The stand-in sends a word or a sign at a time, and each delta is a frame of its own."""
    await in_database(lambda: live_version(guardrails=ONLY_THIS))
    line = {"reply": {"text": "It goes to [EMAIL_1], to [EMAIL_1]. And to [EMAIL_1]", "tokens_per_second": 40}}
    with standin.script(line) as played:
        settings.LLM_STRONG_MODEL = played.model
        await visitor.load()
        async with visitor.socket() as socket:
            await socket.ask(FIRST)
            reply = await socket.reply()
    assert f"It goes to {MAIL}, to {MAIL}. And to {MAIL}" in text_of(reply)
    assert not any("EMAIL_" in frame for frame in socket.frames)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("library")
async def test_the_verdict_counts_types_and_keeps_no_value(visitor: Visitor):
    await in_database(lambda: live_version(guardrails=ONLY_THIS))
    await converse(visitor, SECOND)
    finding = await in_database(lambda: Finding.objects.get(guardrail="personal_data"))
    assert (finding.action, finding.reason) == ("rewrite", "masked: 1 SSN, 1 EMAIL, 1 PHONE")
    assert leaks(finding.text) == []
    reply = await in_database(Reply.objects.get)
    assert leaks(json.dumps(reply.receipt)) == []


async def test_a_literal_placeholder_is_nobodys_value():
    asked = turn("What does [EMAIL_1] mean? And [CARD_2]?")
    await prepare(asked)
    assert asked.asked == asked.question
    assert asked.masks.unmask("[EMAIL_1] and [CARD_2]") == "[EMAIL_1] and [CARD_2]"
    assert [finding["action"] for finding in asked.findings] == ["allow"]


async def test_a_value_keeps_its_placeholder_for_the_whole_conversation():
    said = (Exchange(f"I am {MAIL}", "Hello bob@example.com"), Exchange("and ann@example.com", "Yes"))
    for history, question in [(said[:1], said[1].question), (said, f"I am {MAIL} and ann@example.com")]:
        asked = turn(question, *history)
        await prepare(asked)
        assert {MAIL: "[EMAIL_1]", "ann@example.com": "[EMAIL_2]"}.items() <= {
            value: name for name, value in asked.masks.values.items()
        }.items()


@pytest.mark.django_db
def test_a_question_too_old_for_the_history_still_counts(settings):
    settings.CHAT_HISTORY_TOKENS = 20
    viewer = Viewer(visitor="v1")
    conversation = Conversation.objects.create(visitor="v1")
    for number in range(1, 12):
        text = f"I am {MAIL}" if number == 1 else "Thanks"
        question = Question.objects.create(
            conversation=conversation, client_id=uuid.UUID(int=number), text=text, number=number
        )
        Reply.objects.create(conversation=conversation, question=question, status=Reply.Status.DONE, text="Yes.")
    opened = conversations.open_question(
        viewer, conversation_id=conversation.pk, client_id=uuid.UUID(int=99), text="Or ann@example.com?"
    )
    assert opened.turn is not None
    assert not any("canary" in said.question for said in opened.turn.history)
    assert opened.turn.masks.values == {"[EMAIL_1]": MAIL, "[EMAIL_2]": "ann@example.com"}


def test_it_runs_before_the_checks_that_ask_a_model():
    names = [check.name for check in INPUT_GUARDRAILS if check.prepares]
    assert names[-1] == "personal_data"
