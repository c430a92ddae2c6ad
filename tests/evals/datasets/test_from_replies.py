"""A real turn becomes a case: what was asked and said, without what identifies anybody."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chat.models import Conversation, Feedback, Question, Reply, Source
from evals.datasets.from_replies import likely_set, suggestion_from
from evals.datasets.sets import keep
from evals.models import Dataset
from knowledge.access import Viewer
from tests.factories import article
from tests.people import person

pytestmark = pytest.mark.django_db
SECRET = "ann.lee@example.com"


def turn(text: str = "How?", said: str = "So. [1]", *, conversation: Conversation | None = None, **more: Any) -> Reply:
    conversation = conversation or Conversation.objects.create(visitor="v")
    number = conversation.questions.count() + 1
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text=text, number=number)
    return Reply.objects.create(
        **{"conversation": conversation, "question": question, "status": "done", "text": said} | more
    )


def cite(reply: Reply, name: str = "Fees") -> None:
    document = article(name, "A fee of $35.", is_embedded=False)
    Source.objects.create(reply=reply, number=1, document=document, title=name, version_number=1, text="A fee of $35.")


def test_the_turn_is_there_with_what_was_said_before_and_personal_data_masked():
    first = turn(f"I am {SECRET}, what is the fee?", f"Dear {SECRET}: $35. [1]")
    reply = turn("and where do I pay 524-71-3390?", "Online. [1]", conversation=first.conversation)
    cite(reply)
    Feedback.objects.create(reply=reply, verdict="down", comment=f"Wrong! Write to {SECRET}")
    suggestion = suggestion_from(reply)
    case = suggestion.case
    assert SECRET not in f"{suggestion}"
    assert "524-71-3390" not in f"{suggestion}"
    assert (case.question, case.history[0].question) == ("and where do I pay [SSN]?", "I am [EMAIL], what is the fee?")
    assert case.expected_sources == ("Fees.md",)
    assert (case.expects, case.expert_answer, case.severity) == ("answer", "", "normal")
    assert case.tags == ("from-feedback", "thumbs-down")
    assert suggestion.comment == "Wrong! Write to [EMAIL]"
    assert case.id.startswith("and-where-do-i-pay-ssn-")


def test_a_liked_reply_is_its_own_expert_answer():
    reply = turn("What is it?", "It is $35. [1] Pay online. [2]")
    Feedback.objects.create(reply=reply, verdict="up")
    assert suggestion_from(reply).case.expert_answer == "It is $35. Pay online."


@pytest.mark.parametrize(
    ("more", "expects"),
    [
        ({"status": "refused", "stopped_by": "topic"}, "refuse"),
        ({"handed_over": True}, "hand_over"),
        ({"said": "I don't know."}, "unknown"),
        ({"lookups": ["Looked up rates"]}, "answer"),
    ],
)
def test_it_expects_what_the_reply_did(more: dict[str, Any], expects: str):
    assert suggestion_from(turn(**more)).case.expects == expects


def test_the_likely_set_is_the_one_that_was_chosen_last_and_never_a_strange_one():
    staff = Viewer(is_staff=True)
    assert likely_set(staff) is None
    Dataset.objects.create(slug="dont-know", title="Don't know", purpose="unknown")
    assert likely_set(staff) is None
    golden = Dataset.objects.create(slug="support", title="Support")
    safety = Dataset.objects.create(slug="safety", title="Safety", purpose="safety")
    assert likely_set(staff) == golden
    keep(safety, suggestion_from(turn()).case, origin="reply")
    assert likely_set(staff) == safety
    assert likely_set(Viewer()) is None


@pytest.mark.parametrize(("role", "audience"), [("", "public"), ("customer", "customers"), ("agent", "staff")])
def test_it_is_asked_by_whom_it_was_asked(role: str, audience: str):
    customer = person(role) if role else None
    conversation = Conversation.objects.create(customer=customer, visitor="" if customer else "v")
    assert suggestion_from(turn(conversation=conversation)).case.audience == audience


@pytest.mark.parametrize(
    ("text", "receipt", "language"),
    [
        ("¿cuánto cuesta el cargo por atraso?", {}, "es"),
        ("房贷晚交了要罚多少钱", {}, "zh"),
        ("ok", {"inputs": {"understood": {"language": "fr"}}}, "fr"),
        ("What is the late fee?", {"inputs": {"understood": {"language": "<b>"}}}, "en"),
        ("What is the late fee?", {"inputs": {"understood": None}}, "en"),
    ],
)
def test_its_language_is_the_one_that_was_answered_in(text: str, receipt: dict[str, Any], language: str):
    assert suggestion_from(turn(text, receipt=receipt)).case.language == language


def test_the_same_reply_makes_the_same_case_and_a_question_without_latin_letters_has_an_id():
    reply = turn("房贷晚交了要罚多少钱")
    assert suggestion_from(reply).case.id == suggestion_from(reply).case.id == f"reply-{reply.pk.hex[:6]}"


def test_a_turn_that_is_too_long_or_hostile_is_a_case_all_the_same():
    case = suggestion_from(turn("<script>" + "x" * 5_000, "y" * 20_000)).case
    assert len(case.question) <= 4_000
