"""Runs the tools that a model asks for, within limits: what comes back is data, and nothing is changed here.

A tool that changes something is not run: it becomes a proposal that waits for the customer's click.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
from django.conf import settings

from chat.context import Turn
from chat.events import ActionProposed, ToolUsed
from chat.tools import TOOLS
from llm import Message, Tool, ToolCall

log = structlog.get_logger()

FAILED = "This could not be looked up. Say so, and answer without it."
PROPOSED = "The customer has been shown a card with exactly this and must click it first. Say so in one sentence."


@dataclass
class Toolbox:
    """The tools of one turn, and how much of its budget is left (F13)."""

    turn: Turn
    rounds: int = 0
    calls: int = 0
    mistakes: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)
    is_spent: bool = False
    began: float = field(default_factory=monotonic)
    proposed: list[ActionProposed] = field(default_factory=list)

    @property
    def tools(self) -> dict[str, Tool]:
        """What the turn's version switches on."""
        chosen = self.turn.version.assistant.tools
        return {tool.name: tool for tool in TOOLS if tool.name in chosen}

    @property
    def schemas(self) -> list[dict[str, Any]]:
        return [tool.schema for tool in self.tools.values()]

    async def run(self, calls: Sequence[ToolCall]) -> AsyncGenerator[ToolUsed | ActionProposed | Message, None]:
        """Run a round of calls side by side; yields what the page shows, and then the messages for the model."""
        self.rounds += 1
        messages: list[Message] = [_asked(calls)]
        for outcome in await asyncio.gather(*(self._run_one(call) for call in calls)):
            event, message = outcome
            if event:
                yield event
            messages.append(message)
        self.is_spent = self.is_spent or self._is_out_of_budget()
        for message in messages:
            yield message

    async def _run_one(self, call: ToolCall) -> tuple[ToolUsed | ActionProposed | None, Message]:
        raise NotImplementedError

    def _is_out_of_budget(self) -> bool:
        return bool(
            self.rounds >= settings.CHAT_TOOL_ROUNDS
            or self.calls >= settings.CHAT_TOOL_CALLS
            or monotonic() - self.began > settings.CHAT_TOOL_SECONDS
        )


def _asked(calls: Sequence[ToolCall]) -> Message:
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
        ],
    }
