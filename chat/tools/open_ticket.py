"""Asks a person of our team for help, once the customer has clicked."""

from __future__ import annotations

import uuid
from typing import Annotated

from pydantic import Field

import llm
from chat.models import Action, Ticket
from knowledge.access import Viewer
from llm.database import in_database


@llm.tool(effect="write", label="Open a ticket")
async def open_ticket(
    subject: Annotated[str, Field(min_length=3, max_length=120)],
    details: Annotated[str, Field(min_length=3, max_length=4_000)],
    viewer: Viewer,
    key: uuid.UUID,
) -> str:
    """Open a ticket: our team will read it and answer.

    Call it when the customer asks for one, or for something that only a person can do. Write subject and details in the
    customer's words and language, with nothing that the customer did not say.
    """
    ticket = await in_database(_open, viewer, key, subject, details)
    return f"Ticket #{ticket.pk} is open: {ticket.subject}. Our team will answer it."


def _open(viewer: Viewer, key: uuid.UUID, subject: str, details: str) -> Ticket:
    """The ticket of this key. A second call with the same key finds the first one's ticket (F15)."""
    action = Action.objects.visible_to(viewer).select_related("reply").get(pk=key)
    said = {"subject": subject, "details": details, "customer_id": viewer.user_id}
    ticket, _ = Ticket.objects.get_or_create(
        key=key, defaults={**said, "conversation_id": action.reply.conversation_id}
    )
    return ticket
