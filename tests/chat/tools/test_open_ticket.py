"""A ticket is opened once, whatever happens in between."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from chat.models import Action, Conversation, Question, Reply, Ticket
from chat.tools.open_ticket import open_ticket
from knowledge.access import Viewer
from llm.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)

VISITOR = Viewer(visitor="v1")
SAID = {"subject": "My statement", "details": "It is missing."}


def offered() -> Action:
    conversation = Conversation.objects.create(visitor="v1")
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text="Help", number=1)
    reply = Reply.objects.create(conversation=conversation, question=question, status="done")
    return Action.objects.create(reply=reply, tool="open_ticket", arguments=SAID)


async def test_the_ticket_says_what_the_customer_said_and_where():
    action = await in_database(offered)
    told = await open_ticket.call(SAID, viewer=VISITOR, key=action.pk)
    ticket = await in_database(Ticket.objects.select_related("conversation").get)
    assert (ticket.subject, ticket.details, ticket.key) == ("My statement", "It is missing.", action.pk)
    assert ticket.conversation == await in_database(Conversation.objects.get)
    assert f"#{ticket.pk}" in told


async def test_f15_the_same_key_never_opens_a_second_ticket():
    action = await in_database(offered)
    told = await asyncio.gather(*(open_ticket.call(SAID, viewer=VISITOR, key=action.pk) for _ in range(8)))
    assert len(set(told)) == 1
    assert await in_database(Ticket.objects.count) == 1


async def test_an_action_of_another_visitor_opens_nothing():
    action = await in_database(offered)
    with pytest.raises(Action.DoesNotExist):
        await open_ticket.call(SAID, viewer=Viewer(visitor="v2"), key=action.pk)
    assert await in_database(Ticket.objects.count) == 0
