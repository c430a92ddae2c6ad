"""Replies that are being written in this process, and those who follow them.

A follower does not get a queue of messages but looks at the state: it waits for a change, takes what is new, and
sleeps a moment. So a slow reader costs no memory, frames coalesce by themselves, and whoever comes late or comes
back begins with the whole and misses nothing.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from chat import markdown
from chat.blocks import Blocks
from chat.events import ActionProposed
from knowledge.search import Passage


@dataclass
class LiveReply:
    """One reply under way. `version` counts its changes; `notice` is a passing word such as "busy"."""

    reply_id: uuid.UUID
    conversation_id: uuid.UUID
    blocks: Blocks = field(default_factory=Blocks)
    rendered: list[SafeString] = field(default_factory=list)
    sources: tuple[Passage, ...] = ()
    notice: str = ""
    steered: str = ""  # what the customer is told of a question that was rewritten
    lookups: list[dict[str, Any]] = field(default_factory=list)  # what tools did: words, failed, is_fact
    actions: list[ActionProposed] = field(default_factory=list)
    version: int = 0
    replaced: int = 0  # counts up when what was shown before is void
    is_over: bool = False
    work: asyncio.Task[Any] | None = None  # what Stop cancels
    task: asyncio.Task[None] | None = None  # the whole turn: the work, and then the closing write
    stop_reason: str = ""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def so_far(self) -> tuple[uuid.UUID, str, tuple[Passage, ...], str]:
        """What is stored while it is written: its id, text, sources and notice."""
        return self.reply_id, self.blocks.text, self.sources, self.notice

    def write(self, text: str, sources: tuple[Passage, ...] = ()) -> None:
        """Add text; a block that is finished by it is rendered now, once for all followers."""
        self.notice = ""
        self.sources = sources
        self.blocks.feed(text)
        self._render()
        self._tell()

    def replace(self, text: str, sources: tuple[Passage, ...] = ()) -> None:
        """Put another text in the place of all that was written."""
        self.blocks, self.rendered = Blocks(), []
        self.replaced += 1
        self.write(text, sources)

    def look_up(self, words: str, *, failed: bool, is_fact: bool = True) -> None:
        """Something was looked up with a tool: a fact that the answer may rest on, or not."""
        self.lookups.append({"words": words, "failed": failed, "is_fact": is_fact})
        self.replaced += 1  # the lines stand above the text: all of it is shown again
        self._tell()

    def say(self, notice: str) -> None:
        self.notice = notice
        self._tell()

    def end(self) -> None:
        """Nothing more will come: followers fetch the stored reply."""
        self.is_over = True
        self._tell()

    def cancel(self, reason: str) -> None:
        """Stop the work; the turn ends with `reason` as its status. Later calls change nothing."""
        if self.work and not self.stop_reason:
            self.stop_reason = reason
            self.work.cancel()

    async def changed_since(self, version: int) -> bool:
        """Return as soon as the reply is newer than `version`; False when it is over."""
        while self.version <= version and not self.is_over:
            await self._changed.wait()
        return not self.is_over

    def _render(self) -> None:
        for block in self.blocks.finished[len(self.rendered) :]:
            self.rendered.append(markdown.render(block, str(self.reply_id)))

    def _tell(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()


RUNNING: dict[uuid.UUID, LiveReply] = {}
AFTERWARDS: set[asyncio.Task[None]] = set()  # work behind closed replies, which nobody waits for


def in_conversation(conversation_id: uuid.UUID) -> LiveReply | None:
    """The running reply of a conversation, if this process writes it."""
    return next((live for live in RUNNING.values() if live.conversation_id == conversation_id), None)


async def drain(seconds: float) -> None:
    """Let running turns end for `seconds`; interrupt those that are left, and wait until they are stored.

    What is done afterwards gets two seconds: it can be made again, or done without.
    """
    await _ended(seconds)
    for live in list(RUNNING.values()):
        live.cancel("interrupted")
    await _ended(5)
    await _afterwards_ended(2)


def later(work: Coroutine[Any, Any, None], *, name: str) -> None:
    """Run something behind a closed reply. It is cut off when the process has to stop."""
    task = asyncio.create_task(work, name=name)
    AFTERWARDS.add(task)
    task.add_done_callback(AFTERWARDS.discard)


async def _ended(seconds: float) -> None:
    """Return when all turns that run now have ended, or after `seconds`."""
    if tasks := [live.task for live in RUNNING.values() if live.task]:
        await asyncio.wait(tasks, timeout=seconds)


async def _afterwards_ended(seconds: float) -> None:
    """Return when the work behind closed replies is done, or is cut off after `seconds`."""
    if tasks := list(AFTERWARDS):
        _, left = await asyncio.wait(tasks, timeout=seconds)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
