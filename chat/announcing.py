"""Tells the sockets of a conversation, in whatever process, that there is something to look at."""

from __future__ import annotations

import asyncio
import uuid

import structlog
from channels.layers import get_channel_layer

log = structlog.get_logger()
ANNOUNCING_SECONDS = 5  # Redis may be slow or away: nobody waits for it


async def announce(conversation_id: uuid.UUID, kind: str, reply_id: uuid.UUID) -> None:
    """Send a message of a kind, such as `reply.opened`, that names a reply."""
    layer = get_channel_layer()
    assert layer, "CHANNEL_LAYERS is set"  # noqa: S101 (for the types)
    try:
        async with asyncio.timeout(ANNOUNCING_SECONDS):
            await layer.group_send(group_of(conversation_id), {"type": kind, "reply": str(reply_id)})
    except Exception as error:
        log.warning("other tabs could not be told", kind=kind, error=type(error).__name__)


def group_of(conversation_id: uuid.UUID) -> str:
    return f"conversation.{conversation_id}"
