"""What the assistant may do for a customer once the customer has clicked: exactly what the card says, and once.

The click runs the tool and asks no model: see `docs/decisions/0009-a-click-asks-no-model.md`.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat.models import Action, Conversation
from chat.tools import TOOLS
from chat.versions.states import live_version
from knowledge.access import Viewer
from llm import InvalidArguments, Tool
from llm.cleaning import clean

log = structlog.get_logger()

State = Action.State
OPEN = (State.PENDING, State.FAILED)  # a click that failed may be made again: the key makes it happen once
DECLINED = "You did not want this. Nothing was done."
FAILED = "This did not work. You can try it again."
GONE = "This can no longer be done here. Please talk to a person."
EXPIRED = "This waited too long for your answer. Nothing was done. Please ask again."


@dataclass(frozen=True)
class Card:
    """An action as the page shows it: what will be done, with which words, and what came of it."""

    id: uuid.UUID
    title: str
    fields: tuple[tuple[str, str], ...]
    state: str
    says: str
    can_be_clicked: bool


def card_of(action: Action) -> Card:
    """The card of an action, in the state that it is in now."""
    tool = _tool(action.tool)
    title = tool.label if tool else action.tool.replace("_", " ").capitalize()
    fields = tuple((name.replace("_", " ").capitalize(), _words(value)) for name, value in _in_order(action, tool))
    is_open = action.state in OPEN
    has_expired = is_open and _has_expired(action)
    return Card(
        action.pk,
        title,
        fields,
        "expired" if has_expired else action.state,
        EXPIRED if has_expired else action.result,
        is_open and not has_expired and action.result != GONE,
    )


def in_words(action: Action) -> str:
    """A line for the model of a later turn: what was offered, and what came of it."""
    card = card_of(action)
    return f"({card.title}: {card.says or 'a card was shown, and not clicked yet'})"


def confirm(viewer: Viewer, action_id: uuid.UUID) -> Action:
    """Do what the card says. A further click, even at the same moment, finds what the first one came to.

    The tool works on connections of its own, so what it did stays when this process dies before it is noted here:
    the action is then still open, and its tool finds by the key what it has done already (F15).
    """
    with _locked(viewer, action_id) as action:
        if action.state in OPEN and not _has_expired(action):
            action.state, action.result = _run(viewer, action)
            _end(action)
    return action


def decline(viewer: Viewer, action_id: uuid.UUID) -> Action:
    """Note that the customer does not want it. What is done already stays done."""
    with _locked(viewer, action_id) as action:
        if action.state in OPEN and not _has_expired(action):
            action.state, action.result = State.DECLINED, DECLINED
            _end(action)
    return action


@contextmanager
def _locked(viewer: Viewer, action_id: uuid.UUID) -> Iterator[Action]:
    """The viewer's action, and nobody else's hand on it. Raises Action.DoesNotExist."""
    with transaction.atomic():
        yield Action.objects.visible_to(viewer).select_for_update(of=("self",)).get(pk=action_id)


def _run(viewer: Viewer, action: Action) -> tuple[State, str]:
    """Call the tool as the viewer, with the arguments of the card, checked once more."""
    tool = _tool(action.tool)
    if tool is None or tool.effect != "write" or tool.name not in live_version().assistant.tools:
        return State.FAILED, GONE
    try:
        arguments = tool.parse(json.dumps(action.arguments))
        result = async_to_sync(_call)(tool, arguments, viewer=viewer, key=action.pk)
    except InvalidArguments:
        return State.FAILED, GONE
    except Exception:
        log.exception("action failed", tool=action.tool, action=str(action.pk))
        return State.FAILED, FAILED
    return State.DONE, clean(str(result))[: settings.CHAT_TOOL_RESULT_CHARACTERS]


async def _call(tool: Tool, arguments: dict[str, object], **given: object) -> object:
    async with asyncio.timeout(settings.CHAT_TOOL_CALL_SECONDS):
        return await tool.call(arguments, **given)


def _end(action: Action) -> None:
    """Keep the state, and let pages that show an older one know when they come back."""
    action.ended_at = timezone.now()
    action.save(update_fields=["state", "result", "ended_at"])
    Conversation.objects.filter(replies=action.reply_id).update(changes=F("changes") + 1, updated_at=timezone.now())


def _has_expired(action: Action) -> bool:
    return timezone.now() - action.created_at > timedelta(hours=settings.CHAT_ACTION_HOURS)


def _tool(name: str) -> Tool | None:
    return next((tool for tool in TOOLS if tool.name == name), None)


def _in_order(action: Action, tool: Tool | None) -> list[tuple[str, object]]:
    """The arguments as the tool's signature has them: JSON in the database keeps no order."""
    names = list(tool.arguments.model_fields) if tool else []
    return sorted(action.arguments.items(), key=lambda said: (said[0] not in names, (*names, said[0]).index(said[0])))


def _words(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
