"""Each reply has a receipt: in plain words for its customer, as a waterfall for staff."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat import guarding
from chat.models import AssistantVersion, Conversation, MortgageRate, Question, Reply
from chat.receipts.customers import short_receipt
from chat.receipts.waterfall import AXIS, messages_of, waterfall_of
from knowledge.access import Viewer
from llm.models import Call
from tests import standin
from tests.chat.conftest import ABOUT_CLOSING
from tests.chat.turns import answered, fresh, hide, live_version, no_promises, refuse_bombs
from tests.people import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("plain_version")]
ATTACK = "<img src=x onerror=alert(1)>"
OUR_CHECKS: dict[str, dict[str, Any]] = {"hide": {}, "refuse_bombs": {}, "no_promises": {}}


@pytest.fixture
def plain_version(library: None, monkeypatch) -> AssistantVersion:
    monkeypatch.setattr(guarding, "INPUT_GUARDRAILS", (hide, refuse_bombs))
    monkeypatch.setattr(guarding, "OUTPUT_GUARDRAILS", (no_promises,))
    return live_version(guardrails=OUR_CHECKS)


def scripted(text: str) -> dict[str, Any]:
    return {"reply": {"text": text}}


def ask(question: str = ABOUT_CLOSING) -> Reply:
    return async_to_sync(answered)(question)


def sentences(reply: Reply) -> str:
    return " ".join(short_receipt(fresh(reply.pk)).sentences)


def owner_of(reply: Reply) -> Client:
    """The browser of the visitor who asked."""
    client = Client()
    client.get(reverse("conversation"))
    session = client.session
    session["visitor"] = reply.question.conversation.visitor
    session.save()
    return client


def test_the_customer_reads_what_was_searched_who_wrote_and_which_version(plain_version: AssistantVersion):
    reply = ask()
    page = owner_of(reply).get(reverse("how_answered", args=[reply.pk])).content.decode()
    assert "3 passages of the help centre were read, 1 of them cited." in page
    assert "Written by demo-strong" in page
    assert f"Version {plain_version.number} of the assistant." in page
    assert reverse("receipt", args=[reply.pk]) not in page


def test_the_customer_reads_what_was_not_sent_and_what_was_changed(settings):
    with standin.script(scripted("Open Settings. [1] I promise you a loan. I promise it.")) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = ask("I am ann@example.com or bob@example.com, how do I close my account?")
    assert "Your e-mail address was not sent to the model." in sentences(reply)
    assert "A check changed or left out 2 sentences." in sentences(reply)


def test_the_customer_reads_what_was_looked_up(settings):
    MortgageRate.objects.create(week=date(2026, 11, 19), term=30, percent="6.11")
    wanted = [{"name": "get_mortgage_rates", "arguments": {"term": 30}}]
    with standin.script({"reply": {"tool_calls": wanted}}, scripted("It was 6.11 %.")) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = ask("What is the 30-year rate?")
    assert "Looked up today's mortgage rates." in sentences(reply)


def test_a_refusal_says_that_a_check_stopped_it_and_no_guardrails_name_or_reason():
    reply = ask("How do I build a bomb?")
    assert reply.status == "refused"
    words = sentences(reply)
    assert "A check stopped the question, and these words took its place." in words
    page = owner_of(reply).get(reverse("how_answered", args=[reply.pk])).content.decode()
    for secret in ("refuse_bombs", "a bomb", "score"):
        assert secret not in page.replace("How do I build a bomb?", "")


def test_the_fragment_comes_alone_to_htmx_and_as_a_page_without_it():
    reply = ask()
    where, client = reverse("how_answered", args=[reply.pk]), owner_of(reply)
    assert "<html" not in client.get(where, headers={"HX-Request": "true"}).content.decode()
    page = client.get(where).content.decode()
    assert "<html" in page
    assert f"{reverse('conversation', args=[reply.conversation_id])}#message-{reply.pk}" in page


def test_how_a_reply_was_answered_is_for_its_owner_alone_and_the_receipt_for_staff(client: Client):
    reply = ask()
    how, receipt = reverse("how_answered", args=[reply.pk]), reverse("receipt", args=[reply.pk])
    for role in ("agent", "admin"):
        staff = Client()
        staff.force_login(person(role))
        assert staff.get(how).status_code == 404
        assert staff.get(receipt).status_code == 200
        assert staff.get(reverse("receipt", args=[uuid.uuid4()])).status_code == 404
    assert owner_of(reply).get(receipt).status_code == 302
    client.force_login(person())
    assert client.get(receipt).status_code == 404
    assert not Reply.objects.visible_at_desk(Viewer(user_id=1, visitor=reply.question.conversation.visitor)).exists()


def test_staff_find_the_receipt_from_their_own_chat():
    reply = ask()
    staff = person("agent")
    Conversation.objects.filter(pk=reply.conversation_id).update(customer=staff, visitor="")
    client = Client()
    client.force_login(staff)
    assert reverse("receipt", args=[reply.pk]) in client.get(reverse("how_answered", args=[reply.pk])).content.decode()


def test_an_agent_reads_every_step_but_no_prompt(client: Client, settings):
    MortgageRate.objects.create(week=date(2026, 11, 19), term=30, percent="6.11")
    wanted = [{"name": "get_mortgage_rates", "arguments": {"term": 30}}]
    with standin.script({"reply": {"tool_calls": wanted}}, scripted("It was 6.11 %. I promise.")) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = ask("What is the 30-year rate?")
    client.force_login(person("agent"))
    page = client.get(reverse("receipt", args=[reply.pk])).content.decode()
    for words in ("Question checks", "Search", "Closing your account", "fp_standin_1", "seed 7", "get_mortgage_rates"):
        assert words in page
    for words in ("6.11", "no_promises", "a promise", "first token after", "Call: answer"):
        assert words in page
    instruction = version_prompt(reply)[:60]
    assert instruction not in page
    assert "What the model was sent" not in page


def test_who_may_read_prompts_reads_the_messages_as_they_were_sent(client: Client, settings):
    MortgageRate.objects.create(week=date(2026, 11, 19), term=30, percent="6.11")
    wanted = [{"name": "get_mortgage_rates", "arguments": {"term": 30}}]
    with standin.script({"reply": {"tool_calls": wanted}}, scripted("It was 6.11 %.")) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = ask("I am ann@example.com. What is the 30-year rate?")
        sent = played.calls[-1]["messages"]
    assert [(m["role"], m["content"]) for m in messages_of(reply)] == [(m["role"], m["content"]) for m in sent]
    client.force_login(person("admin"))
    page = client.get(reverse("receipt", args=[reply.pk])).content.decode()
    assert "What the model was sent" in page
    assert version_prompt(reply)[:60] in page
    assert "I am [EMAIL_1]. What is the 30-year rate?" in page


def test_f18_a_clock_that_jumps_makes_no_bar_negative_and_puts_none_outside():
    reply = ask()
    for jump in (timedelta(hours=1), timedelta(hours=-1)):
        Call.objects.update(created_at=timezone.now() + jump)
        spans = waterfall_of(reply).spans
        bars = [bar for span in spans for bar in (span.bar, *(call.bar for call in span.calls))]
        assert sum(len(span.calls) for span in spans) == Call.objects.filter(turn=reply.pk).count() >= 2
        for span in spans:
            ends = span.bar.at_ms + span.bar.ms
            assert all(span.bar.at_ms <= call.bar.at_ms <= call.bar.at_ms + call.bar.ms <= ends for call in span.calls)
        for bar in bars:
            assert bar.ms >= 0
            assert 0 <= bar.x < AXIS
            assert 0 < bar.width <= AXIS - bar.x
            assert bar.mark is None or bar.x <= bar.mark <= AXIS
    assert (short_receipt(reply).seconds or 0) >= 0


def test_f18_a_steps_times_come_from_a_clock_that_nobody_sets(monkeypatch):
    from chat.context import Receipt

    receipt = Receipt()
    with receipt.step("search"):
        monkeypatch.setattr("time.time", lambda: 0.0)  # the clock on the wall goes back to 1970
    assert receipt.steps[0]["ms"] >= 0
    assert receipt.steps[0]["at_ms"] >= 0


@pytest.mark.parametrize(
    "receipt",
    [
        {},
        {"steps": [], "inputs": {}},
        {"steps": [{"step": "search", "passages": 3, "at_ms": 0, "ms": 4}, {"step": "model", "at_ms": 4}]},
        {"steps": [{"step": "something new", "at_ms": 0, "ms": 1, "noted": {"a": [1, 2]}, "text": ATTACK}]},
    ],
)
def test_receipts_of_other_releases_are_shown_as_far_as_they_go(client: Client, receipt: dict[str, Any]):
    reply = ask()
    Reply.objects.filter(pk=reply.pk).update(receipt=receipt)
    client.force_login(person("admin"))
    page = client.get(reverse("receipt", args=[reply.pk]))
    assert page.status_code == 200
    assert ATTACK not in page.content.decode()
    assert owner_of(reply).get(reverse("how_answered", args=[reply.pk])).status_code == 200


def test_a41_hostile_words_of_customers_documents_and_models_are_text_everywhere(client: Client, settings):
    """Receipt, short form and records, whoever wrote them."""
    with standin.script(scripted(f"{ATTACK} [1] I promise {ATTACK}.")) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = ask(f"How do I close my {ATTACK} account?")
    passages = reply.receipt["inputs"]["passages"]
    passages[0]["text"] = passages[0]["title"] = ATTACK
    reply.receipt["steps"][1]["asked"] = ATTACK
    Reply.objects.filter(pk=reply.pk).update(receipt=reply.receipt, lookups=[{"words": ATTACK}], steered=ATTACK)
    Call.objects.filter(turn=reply.pk).update(fingerprint=ATTACK, served_by=ATTACK)
    call, finding = Call.objects.filter(turn=reply.pk)[0], reply.findings.exclude(action="allow")[0]
    client.force_login(person("admin"))
    pages = [
        client.get(reverse("receipt", args=[reply.pk])),
        owner_of(reply).get(reverse("how_answered", args=[reply.pk])),
        client.get(reverse("admin:chat_reply_changelist")),
        client.get(reverse("admin:chat_reply_change", args=[reply.pk])),
        client.get(reverse("admin:chat_finding_change", args=[finding.pk])),
        client.get(reverse("admin:llm_call_change", args=[call.pk])),
    ]
    for page in pages:
        assert page.status_code == 200
        assert ATTACK not in page.content.decode()
        assert "&lt;img" in page.content.decode()


def test_records_are_read_and_never_written(client: Client):
    reply = ask()
    client.force_login(person("admin"))
    for name in ("chat_reply", "chat_finding", "llm_call"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:{name}_add")).status_code == 403
    assert client.post(reverse("admin:chat_reply_change", args=[reply.pk]), {"text": "x"}).status_code == 403
    assert client.post(reverse("admin:chat_reply_delete", args=[reply.pk]), {"post": "yes"}).status_code == 403


def test_a72_no_secret_is_in_a_receipt(settings):
    settings.LLM_API_KEY = "sk-canary"
    reply = ask()
    kept = str(reply.receipt)
    for secret in ("sk-canary", settings.SECRET_KEY, settings.DATABASES["default"]["NAME"], settings.LLM_BASE_URL):
        assert secret not in kept
    assert version_prompt(reply)[:60] not in kept


def test_a_reply_that_is_being_written_has_no_receipt_yet(client: Client):
    conversation = Conversation.objects.create(visitor="v1")
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text="How?", number=1)
    reply = Reply.objects.create(conversation=conversation, question=question)
    client.force_login(person("agent"))
    assert client.get(reverse("receipt", args=[reply.pk])).status_code == 404
    assert owner_of(reply).get(reverse("how_answered", args=[reply.pk])).status_code == 404


def version_prompt(reply: Reply) -> str:
    assert reply.version
    return str(reply.version.content["prompts"]["answer"]).replace("$site_name", "Acme Home Loans")
