"""A hundred who ask the very same at once wait for one answer instead of asking a hundred times (F56).

Who comes first writes it; the others wait for it to land. When it takes long, a second one and then a third may go as
well, so that one slow or broken answer holds nobody up for long; whoever has waited his time goes on by himself.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid

from django.conf import settings
from django.core.cache import cache

SLOTS = 3
LONGEST = 60  # seconds that a slot is held for a process that died
SHOWN = 10  # seconds that a landed answer is announced
NOTHING = "nothing"
LOOKED = 0.15  # seconds between looks, about


async def board(key: str) -> tuple[str, uuid.UUID | None]:
    """Wait for an answer to this key, or take a slot to write one.

    Returns the slot (empty when the answer landed, or the wait was over) and the answer that landed.
    """
    began = time.monotonic()
    patience = settings.CHAT_SAVED_WAIT_SECONDS
    while (waited := time.monotonic() - began) < patience * SLOTS:
        for number in range(min(SLOTS, 1 + int(waited / patience))):
            slot = f"saved:flight:{key}:{number}"
            if await cache.aadd(slot, "taken", LONGEST):
                return slot, None
        await asyncio.sleep(LOOKED * random.uniform(0.7, 1.3))  # noqa: S311 (so that not all look at once)
        if landed := await cache.aget(_landed(key)):
            return "", uuid.UUID(landed) if landed != NOTHING else None
    return "", None


def land(key: str, slot: str, answer: uuid.UUID | None) -> None:
    """Tell those who wait what became of it, and give the slot back."""
    cache.set(_landed(key), str(answer) if answer else NOTHING, SHOWN)
    cache.delete(slot)


def _landed(key: str) -> str:
    return f"saved:landed:{key}"
