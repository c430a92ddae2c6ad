"""The feedback pages of staff: works, not allowed, bad input."""

from __future__ import annotations

import uuid
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from app.models import User
from chat.models import Conversation, Feedback, Question, Reply, Source
from knowledge.access import Viewer
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client: Client) -> User:
    user = person("agent")
    client.force_login(user)
    return user


def feedback(text: str = "How do I close my account?", verdict: str = "down", comment: str = "") -> Feedback:
    conversation = Conversation.objects.create(visitor="v1")
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text=text, number=1)
    reply = Reply.objects.create(
        conversation=conversation, question=question, status="done", text="Open Settings. [1]", model="demo-strong"
    )
    Source.objects.create(reply=reply, number=1, title="Closing your account", version_number=2, text="Open Settings.")
    return Feedback.objects.create(reply=reply, verdict=verdict, comment=comment)


def test_staff_read_question_reply_comment_and_verdict(client: Client, agent: User):
    entry = feedback(comment="Where are the settings?")
    page = client.get(reverse("feedback")).content.decode()
    for words in ("How do I close my account?", "Open Settings.", "Where are the settings?", "Not helpful"):
        assert words in page
    detail = client.get(reverse("feedback_detail", args=[entry.reply_id])).content.decode()
    for words in ("Open Settings. [1]", "Closing your account", "version 2", "demo-strong"):
        assert words in detail


def test_filters_show_what_they_say_and_count_it(client: Client, agent: User):
    feedback("a good one", "up")
    feedback("a bad one", "down")
    feedback("a commented one", "up", "thanks")
    down = client.get(reverse("feedback"), {"show": "down"}).content.decode()
    assert "a bad one" in down
    assert "a good one" not in down
    commented = client.get(reverse("feedback"), {"show": "commented"}).content.decode()
    assert "a commented one" in commented
    assert "a bad one" not in commented
    assert "All <span>3</span>" in commented


def test_a_long_list_comes_in_pages(client: Client, agent: User):
    for number in range(26):
        feedback(f"question number {number}.")
    first = client.get(reverse("feedback")).content.decode()
    assert "Page 1 of 2" in first
    assert "question number 0." not in first
    assert "question number 0." in client.get(reverse("feedback"), {"page": "2"}).content.decode()
    assert client.get(reverse("feedback"), {"page": "nonsense"}).status_code == HTTPStatus.OK


def test_an_empty_list_says_how_to_begin(client: Client, agent: User):
    assert "No feedback yet" in client.get(reverse("feedback")).content.decode()


def test_the_pages_are_for_staff_only(client: Client):
    entry = feedback()
    addresses = [reverse("feedback"), reverse("feedback_detail", args=[entry.reply_id])]
    for address in addresses:
        assert client.get(address).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
    client.force_login(person())
    assert [client.get(address).status_code for address in addresses] == [HTTPStatus.NOT_FOUND] * 2


def test_nobody_but_staff_gets_feedback_from_the_queryset():
    feedback()
    assert not Feedback.objects.visible_to(Viewer(user_id=1)).exists()
    assert not Feedback.objects.visible_to(Viewer(visitor="v1")).exists()
    assert Feedback.objects.visible_to(Viewer(user_id=1, is_staff=True)).exists()


def test_bad_input_is_refused(client: Client, agent: User):
    assert client.get(reverse("feedback"), {"show": "everything"}).status_code == HTTPStatus.BAD_REQUEST
    assert client.get(reverse("feedback_detail", args=[uuid.uuid4()])).status_code == HTTPStatus.NOT_FOUND
    assert client.post(reverse("feedback")).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_a41_what_customers_wrote_is_text_on_the_page_of_staff(client: Client, agent: User):
    attack = "<img src=x onerror=alert(1)>"
    entry = feedback(text=attack, comment=attack)
    for address in (reverse("feedback"), reverse("feedback_detail", args=[entry.reply_id])):
        page = client.get(address).content.decode()
        assert attack not in page
        assert "&lt;img src=x" in page
