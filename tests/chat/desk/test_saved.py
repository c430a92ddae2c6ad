"""The pages on saved answers: works, not allowed, bad input."""

from __future__ import annotations

import uuid
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from app.models import User
from chat.answer_cache.keeping import doubt
from chat.assistant import SavedAnswers
from chat.models import Conversation, Question, Reply, SavedAnswer, SavedLookup
from chat.receipts.customers import short_receipt
from chat.receipts.waterfall import waterfall_of
from knowledge.models import Chunk
from tests.chat.answer_cache.conftest import embedding_model, observe, prepared
from tests.chat.turns import live_version
from tests.factories import article
from tests.people import person

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def manager(client: Client) -> User:
    user = person("admin")
    client.force_login(user)
    return user


@pytest.fixture
def saved() -> SavedAnswer:
    document = article("Closing", "Open Settings.", is_embedded=False)
    return prepared("How do I close it?", [Chunk.objects.get(version__document=document)], text=f"So. [1] {HOSTILE}")


def page(client: Client, name: str = "saved_answers", *args: object, **query: str) -> str:
    return str(client.get(reverse(name, args=args), query).content.decode())


def settled(client: Client, saved: SavedAnswer, do: str) -> str:
    """What the page says afterwards."""
    answer = client.post(reverse("settle_saved_answer", args=[saved.pk]), {"do": do}, follow=True)
    saved.refresh_from_db()
    return str(answer.content.decode())


def test_an_empty_page_says_how_to_switch_them_on(client: Client, manager: User, settings):
    live_version()
    shown = page(client)
    assert "The live version does not use saved answers." in shown
    assert "Make a draft of version" in shown
    settings.CHAT_SAVED_ANSWERS_OFF = True
    assert "Switched off for all versions" in page(client)


def test_figures_reasons_and_what_was_learned_stand_on_the_page(client: Client, manager: User, saved: SavedAnswer):
    live_version(saved_answers=SavedAnswers(when="alike"))
    observe(10, 5)
    SavedLookup.objects.create(embedding_model=embedding_model(), outcome="hit", answer=saved, was_checked=True)
    SavedLookup.objects.update_or_create(
        embedding_model=embedding_model(), outcome="miss", why="differs: one “not” more", answer=saved
    )
    shown = page(client)
    for words in ("questions of the same meaning", "5 more are needed", "something differs between", "Closing"):
        assert words in shown
    assert "and 1 that only a reader can tell" in shown
    assert HOSTILE not in shown


def test_answers_are_filtered_by_whether_they_hold_today(client: Client, manager: User, saved: SavedAnswer):
    ended = prepared("What is over?", [], text="Over.")
    waiting = prepared("What waits?", [Chunk.objects.get()], state="waiting")
    expected = {"served": saved, "waiting": waiting, "ended": ended}
    for show, its in expected.items():
        shown = page(client, show=show)
        assert its.question in shown, show
        assert not any(other.question in shown for other in expected.values() if other != its), show
    assert "Nothing under this filter" in page(client, show="quarantined")
    assert "All <span>3</span>" in page(client)


def test_one_answer_shows_its_sources_questions_and_look_ups(client: Client, manager: User, saved: SavedAnswer):
    SavedLookup.objects.create(
        embedding_model=embedding_model(), outcome="miss", why="not certain enough", question=HOSTILE, answer=saved
    )
    shown = page(client, "saved_answer", saved.pk)
    for words in ("Open Settings.", "version 1", "1 customer<", "missed: not certain enough", "Take it out"):
        assert words in shown
    assert HOSTILE not in shown


def test_a_person_approves_pins_and_takes_out(client: Client, manager: User, saved: SavedAnswer):
    SavedAnswer.objects.filter(pk=saved.pk).update(state="waiting")
    assert "others get it" in settled(client, saved, "approve")
    assert (saved.state, saved.approved_by, saved.reason) == ("served", manager, "approved by admin")
    reply = answered_with(saved)
    settled(client, saved, "pin")
    assert doubt(reply, "a thumb down") is False
    settled(client, saved, "unpin")
    assert doubt(reply, "a thumb down") is True
    settled(client, saved, "release")
    assert (saved.state, saved.reason) == ("waiting", "released by admin")
    assert "nobody gets it" in settled(client, saved, "quarantine")
    assert (saved.state, saved.approved_by, saved.is_pinned) == ("quarantined", None, False)


@pytest.mark.parametrize(
    ("state", "do", "said"),
    [
        ("served", "release", "This answer is not in quarantine."),
        ("quarantined", "quarantine", "in quarantine already"),
        ("waiting", "pin", "approve it first"),
    ],
)
def test_what_the_state_does_not_allow_is_refused_in_words(
    client: Client, manager: User, saved: SavedAnswer, state: str, do: str, said: str
):
    SavedAnswer.objects.filter(pk=saved.pk).update(state=state)
    assert said in settled(client, saved, do)
    assert saved.state == state


def test_an_answer_that_has_expired_is_not_approved(client: Client, manager: User, saved: SavedAnswer):
    SavedAnswer.objects.filter(pk=saved.pk).update(state="waiting", expires_at=timezone.now() - timedelta(1))
    assert "This answer has expired" in settled(client, saved, "approve")
    assert saved.state == "waiting"


def test_bad_input_is_refused(client: Client, manager: User, saved: SavedAnswer):
    assert client.get(reverse("saved_answers"), {"show": "what"}).status_code == HTTPStatus.BAD_REQUEST
    settle = reverse("settle_saved_answer", args=[saved.pk])
    assert client.post(settle, {"do": "delete"}).status_code == HTTPStatus.BAD_REQUEST
    assert client.get(settle).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert client.get(reverse("saved_answer", args=[uuid.uuid4()])).status_code == HTTPStatus.NOT_FOUND


def test_an_agent_sees_nothing_of_it(client: Client, saved: SavedAnswer):
    client.force_login(person("agent"))
    assert client.get(reverse("saved_answers")).status_code == HTTPStatus.NOT_FOUND
    settle = reverse("settle_saved_answer", args=[saved.pk])
    assert client.post(settle, {"do": "quarantine"}).status_code == HTTPStatus.NOT_FOUND
    saved.refresh_from_db()
    assert saved.state == "served"


def test_the_receipt_says_it_in_words(saved: SavedAnswer):
    reply = answered_with(saved)
    written = f"{saved.created_at.day} {saved.created_at:%B %Y}"
    receipt = short_receipt(reply)
    assert f"Saved answer, written on {written}, checked against today's documents." in receipt.sentences
    (span,) = waterfall_of(reply).spans
    assert span.facts["came to"] == "a hit: a question of the same meaning was answered before"
    assert span.facts["expected error"] == "1.2 % at most"


def answered_with(saved: SavedAnswer) -> Reply:
    """A reply that was served from it."""
    conversation = Conversation.objects.create(visitor="v1")
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text="How?", number=1)
    step = {"step": "saved answers", "at_ms": 5, "ms": 9, "why": "", "how": "alike", "answer": str(saved.pk)}
    return Reply.objects.create(
        conversation=conversation,
        question=question,
        status="done",
        text=saved.text,
        model="demo-strong",
        saved_answer=saved,
        saved_at=saved.created_at,
        receipt={"steps": [step | {"expected_error": 0.012}], "inputs": {}},
    )
