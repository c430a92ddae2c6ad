"""What guardrails stopped or changed: staff read it, and say where it was wrong."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from http import HTTPStatus
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from app.models import User
from chat.models import Conversation, Finding, Question, Reply
from chat.receipts.findings import tallies
from knowledge.access import Viewer
from tests.chat.turns import STAFF
from tests.people import person

pytestmark = pytest.mark.django_db
ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture
def agent(client: Client) -> User:
    user = person("agent")
    client.force_login(user)
    return user


def finding(action: str = "refuse", guardrail: str = "topic", text: str = "", **fields: Any) -> Finding:
    """One verdict in a conversation of its own."""
    conversation = Conversation.objects.create(visitor="v1")
    question = Question.objects.create(
        conversation=conversation, client_id=uuid.uuid4(), text="Who wins? ann@example.com", number=1
    )
    reply = Reply.objects.create(conversation=conversation, question=question, status="refused", text="I cannot say.")
    values: dict[str, object] = {"reads": "question", "reason": "not about loans"} | fields
    return Finding.objects.create(reply=reply, guardrail=guardrail, action=action, text=text, **values)


def page_of(client: Client, **query: str) -> str:
    return client.get(reverse("findings"), query).content.decode()


def test_staff_read_what_was_stopped_by_what_and_why(client: Client, agent: User):
    stopped = finding(text="Who wins the cup?")
    finding("allow", text="")
    page = page_of(client)
    for words in (
        "Who wins the cup?",
        "topic",
        "not about loans",
        "Refused",
        reverse("receipt", args=[stopped.reply_id]),
    ):
        assert words in page
    assert "All <span>1</span>" in page


def test_filters_show_what_they_say_and_count_it(client: Client, agent: User):
    finding("refuse", "topic", "the refused one")
    finding("rewrite", "compliance", "the changed one")
    finding("hand_over", "safety", "the handed over one")
    assert "the changed one" in page_of(client, show="rewritten")
    assert "the refused one" not in page_of(client, show="rewritten")
    assert "the handed over one" in page_of(client, show="handed-over")
    of_topic = page_of(client, guardrail="topic")
    assert "the refused one" in of_topic
    assert "the changed one" not in of_topic
    assert "All <span>1</span>" in of_topic


def test_a_long_list_comes_in_pages_that_keep_the_filter(client: Client, agent: User):
    for _ in range(26):
        finding()
    page = page_of(client, show="refused", guardrail="topic")
    assert "Page 1 of 2" in page
    assert "?show=refused&amp;guardrail=topic&amp;page=2" in page


def test_an_empty_list_says_what_will_stand_there(client: Client, agent: User):
    assert "Nothing was stopped or changed" in page_of(client)
    assert "Nothing under this filter" in page_of(client, show="wrong")


def test_a_verdict_is_marked_wrong_by_somebody_at_some_time_and_back(client: Client, agent: User):
    entry = finding()
    where = reverse("mark_finding", args=[entry.pk])
    client.post(where, {"mark": "wrong", "comment": "It is about escrow.", "back": "findings"})
    entry.refresh_from_db()
    assert entry.marked_wrong_by == agent
    assert entry.marked_wrong_at is not None
    assert entry.comment == "It is about escrow."
    assert "It is about escrow." in page_of(client, show="wrong")
    client.post(where, {"mark": "right"})
    assert Finding.objects.filter(marked_wrong_by=None, marked_wrong_at=None, comment="").count() == 1


def test_marking_leads_back_to_where_it_was_done(client: Client, agent: User):
    entry = finding()
    where = reverse("mark_finding", args=[entry.pk])
    assert client.post(where, {"mark": "wrong", "back": "findings"})["Location"] == reverse("findings")
    assert client.post(where, {"mark": "right"})["Location"] == reverse("receipt", args=[entry.reply_id])
    answer = client.post(where, {"mark": "wrong", "back": "//elsewhere.example"})
    assert answer["Location"] == reverse("receipt", args=[entry.reply_id])


def test_with_htmx_the_mark_alone_comes_back(client: Client, agent: User):
    entry = finding()
    answer = client.post(reverse("mark_finding", args=[entry.pk]), {"mark": "wrong"}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.strip().startswith(f'<div class="mark-wrong" id="mark-{entry.pk}">')
    assert "Marked wrong" in text
    assert "by agent" in text


def test_what_was_allowed_and_should_not_have_been_is_marked_on_the_receipt(client: Client, agent: User):
    entry = finding("allow", reads="answer", reason="")
    receipt = client.get(reverse("receipt", args=[entry.reply_id])).content.decode()
    assert "What should have been stopped?" in receipt
    client.post(reverse("mark_finding", args=[entry.pk]), {"mark": "wrong"})
    assert "All <span>0</span>" in page_of(client)
    assert "Marked wrong <span>1</span>" in page_of(client)


def test_each_guardrails_firing_mistakes_and_misses_of_thirty_days_are_counted(client: Client, agent: User):
    old = finding()
    Finding.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    for _ in range(3):
        finding()
    finding(marked_wrong_at=timezone.now())
    finding("allow", marked_wrong_at=timezone.now())
    finding("allow", "length")
    (tally,) = tallies(STAFF)
    assert (tally.guardrail, tally.fired, tally.wrong, tally.missed, tally.share) == ("topic", 4, 1, 1, 0.25)
    assert "25 %" in page_of(client)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"mark": "maybe"}, HTTPStatus.BAD_REQUEST),
        ({}, HTTPStatus.BAD_REQUEST),
        ({"mark": "wrong", "comment": "x" * 501}, HTTPStatus.BAD_REQUEST),
    ],
)
def test_bad_input_is_refused(client: Client, agent: User, fields: dict[str, str], status: int):
    entry = finding()
    assert client.post(reverse("mark_finding", args=[entry.pk]), fields).status_code == status
    assert not Finding.objects.filter(marked_wrong_at__isnull=False).exists()
    assert client.get(reverse("findings"), {"show": "everything"}).status_code == HTTPStatus.BAD_REQUEST
    assert client.get(reverse("mark_finding", args=[entry.pk])).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_nobody_but_staff_reads_or_marks(client: Client):
    entry = finding()
    assert not Finding.objects.visible_to(Viewer(visitor="v1")).exists()
    client.force_login(person())
    assert client.get(reverse("findings")).status_code == HTTPStatus.NOT_FOUND
    answer = client.post(reverse("mark_finding", args=[entry.pk]), {"mark": "wrong"})
    assert answer.status_code == HTTPStatus.NOT_FOUND
    entry.refresh_from_db()
    assert entry.marked_wrong_at is None


def test_a41_what_was_read_and_what_was_commented_is_text(client: Client, agent: User):
    entry = finding(text=ATTACK, guardrail="topic", reason=ATTACK, comment=ATTACK, marked_wrong_at=timezone.now())
    for page in (page_of(client), client.get(reverse("receipt", args=[entry.reply_id])).content.decode()):
        assert ATTACK not in page
        assert "&lt;img src=x" in page


def test_what_was_marked_is_exported_masked_for_measuring():
    marked: dict[str, Any] = {"marked_wrong_at": timezone.now()}
    finding(text="May I write to bob@example.com?", **marked | {"comment": "Harmless, ask eve@example.com"})
    finding("allow", "injection", "", **marked)
    finding("refuse", text="not marked")
    output = StringIO()
    call_command("export_findings", stdout=output)
    first, second = (json.loads(line) for line in output.getvalue().splitlines())
    assert (first["family"], first["said"], first["should"], first["half"]) == ("topic", "refuse", "allow", "seen")
    assert second["should"] == "stop"
    assert second["text"].startswith("Who wins?")
    assert "example.com" not in output.getvalue()
    output = StringIO()
    call_command("export_findings", should="stop", stdout=output)
    assert [json.loads(line)["family"] for line in output.getvalue().splitlines()] == ["injection"]
