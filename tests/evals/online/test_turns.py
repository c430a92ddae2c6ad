"""A real turn becomes what graders read: as it was answered, with personal data masked."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import async_to_sync

from chat.models import Reply
from evals.models import Result, Run
from evals.online.turns import answer_of, result_of
from evals.running.grades import case_of
from knowledge.access import Audience
from tests import standin
from tests.chat.conftest import ABOUT_CLOSING
from tests.chat.turns import answered, live_version
from tests.factories import help_centre
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)
PERSONAL = "I am ann@example.com, my card is 4111 1111 1111 1111. How do I close my account?"


@pytest.fixture(autouse=True)
def library() -> None:
    help_centre()
    live_version()


def kept(reply: Reply) -> Result:
    run = Run.objects.create(trigger=Run.Trigger.ONLINE)
    row = result_of(reply, run, weight=1)
    row.save()
    return Result.objects.get(pk=row.pk)


def test_the_answer_is_the_one_that_the_customer_got_with_its_passages_times_and_tokens(settings):
    with standin.script({"reply": {"text": "Open Settings and choose Close account. [1]"}}) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = async_to_sync(answered)(ABOUT_CLOSING)
    row = kept(reply)
    answer = row.reading
    assert answer.text == reply.text == row.text
    assert answer.cited == ("Closing your account.md",)
    assert answer.passages[0].number == 1
    assert "To close your online account" in answer.passages[0].text
    assert len(answer.found) == len(answer.passages) == 3
    assert (answer.served_by, answer.finish_reason, answer.alias) == ("model", "stop", "strong")
    assert 0 < answer.first_word_after <= answer.whole_after
    assert answer.completion_tokens > 0
    assert row.ms == round(answer.whole_after * 1000)
    assert answer.assistant.startswith("v")


def test_the_case_knows_the_question_what_was_said_before_and_the_language():
    first = async_to_sync(answered)(ABOUT_CLOSING)
    second = async_to_sync(answered)(
        "¿Cuánto cuesta cerrar mi cuenta y cuándo tengo que pagarlo?", first.question.conversation_id
    )
    case = case_of(kept(second))
    assert case.question == "¿Cuánto cuesta cerrar mi cuenta y cuándo tengo que pagarlo?"
    assert [said.question for said in case.history] == [ABOUT_CLOSING]
    assert case.language == "es"
    assert case.audience is Audience.PUBLIC
    assert (case.expert_answer, case.must_include, case.expected_sources) == ("", (), ())


def test_personal_data_are_nowhere_in_what_is_kept(settings):
    with standin.script({"reply": {"text": "Write to bob@example.com, Ann."}}) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = async_to_sync(answered)(PERSONAL)
    row = kept(reply)
    everything = json.dumps([row.question, row.text, row.answer, row.receipt])
    for secret in ("ann@example.com", "bob@example.com", "4111 1111", "4111111111111111"):
        assert secret not in everything
    assert "[EMAIL]" in row.question
    assert "How do I close my account?" in row.question


def test_it_outlives_the_conversation():
    reply = async_to_sync(answered)(ABOUT_CLOSING)
    row = kept(reply)
    reply.question.conversation.delete()
    row = Result.objects.get(pk=row.pk)
    assert row.reply is None
    assert case_of(row).question == ABOUT_CLOSING
    assert row.reading.passages


def test_a_customers_turn_is_one_of_customers_and_a_bare_row_breaks_nothing():
    reply = async_to_sync(answered)(ABOUT_CLOSING)
    conversation = reply.question.conversation
    conversation.customer, conversation.visitor = person("customer"), ""
    conversation.save()
    fresh = Reply.objects.get(pk=reply.pk)
    assert case_of(kept(fresh)).audience is Audience.CUSTOMERS
    fresh.receipt = {}
    assert answer_of(fresh).whole_after >= 0
