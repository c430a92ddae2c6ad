"""Runs the tools that a model asks for, within limits: what comes back is data, and nothing is changed here.

A tool that changes something is not run: it becomes a proposal that waits for the customer's click.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import structlog
from django.conf import settings

from chat.context import Lookup, Turn
from chat.events import ActionProposed, ToolUsed
from chat.tool_messages import Use, as_messages, as_text, list_passages
from chat.tools import TOOLS
from knowledge.search import Found
from llm import InvalidArguments, Message, Tool, ToolCall
from llm.cleaning import each_text

log = structlog.get_logger()

CARDS = 3  # of one reply
MISTAKES = 2  # rounds with calls that cannot be run, then no tools any more
FAILED = "This could not be looked up. Say so, and answer without it."
WAITING = "Nothing is done yet: the customer sees a card with exactly this and must press its button. Say so."
REPEATED = "You have asked for exactly this before. Answer from what you were given."
ENOUGH_CARDS = "The customer has enough cards to look at. Answer without another one."


@dataclass
class Toolbox:
    """The tools of one turn, and how much of its budget is used up (F12, F13)."""

    turn: Turn
    rounds: int = 0
    calls: int = 0
    mistakes: int = 0  # rounds in which a call could not be run as it was written
    cards: int = 0
    seconds: float = 0  # spent on tools; the model's own time is not counted
    seen: set[tuple[str, str]] = field(default_factory=set)  # tool and arguments
    is_spent: bool = False

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
        began = monotonic()
        uses = await asyncio.gather(*(self._use(call) for call in self._affordable(calls)))
        self._count(uses, monotonic() - began)
        for use in uses:
            self._keep(use)
            if event := _event_of(use):
                yield event
        for message in as_messages(uses):
            yield message

    def _affordable(self, calls: Sequence[ToolCall]) -> list[ToolCall]:
        """As many as the budget has left, each with an id of its own."""
        left = max(1, settings.CHAT_TOOL_CALLS - self.calls)
        ids: set[str] = set()
        affordable = []
        for call in calls[:left]:
            name = call.id if call.id and call.id not in ids else f"call_{self.rounds}_{len(ids)}"
            ids.add(name)
            affordable.append(replace(call, id=name))
        return affordable

    async def _use(self, call: ToolCall) -> Use:
        with self.turn.receipt.step("tool", tool=call.name[:64]) as step:
            use = self._check(call)
            if use.status == "ok":
                await self._look_up(use)
            step |= {"arguments": self._masked(use), "status": use.status}
        return use

    def _check(self, call: ToolCall) -> Use:
        """Whether the call can be run, and has not been before. Nothing is run here."""
        tool = self.tools.get(call.name)
        if tool is None:
            return Use(call, "invalid", f"There is no tool of this name. There are: {', '.join(self.tools)}.")
        try:
            arguments = tool.parse(call.arguments, self.turn.masks.unmask)
        except InvalidArguments as problem:
            return Use(call, "invalid", f"These are no arguments of this tool: {problem}.", tool)
        kept = tool.as_json(arguments)
        key = (tool.name, json.dumps(kept, sort_keys=True))
        if key in self.seen:
            return Use(call, "repeated", REPEATED, tool, arguments, kept)
        self.seen.add(key)
        if tool.effect == "read":
            return Use(call, "ok", "", tool, arguments, kept)
        self.cards += 1
        if self.cards > CARDS:
            return Use(call, "invalid", ENOUGH_CARDS, tool, arguments, kept)
        return Use(call, "waiting", WAITING, tool, arguments, kept)

    async def _look_up(self, use: Use) -> None:
        """Call the tool as the viewer. Whatever goes wrong in it, the turn goes on (F14)."""
        assert use.tool, "checked before"  # noqa: S101 (for the types)
        seconds = min(settings.CHAT_TOOL_CALL_SECONDS, settings.CHAT_TOOL_SECONDS - self.seconds)
        try:
            async with asyncio.timeout(seconds):
                use.result = await use.tool.call(use.arguments, viewer=self.turn.viewer, masks=self.turn.masks)
            if not isinstance(use.result, Found):
                use.text = as_text(use.result, self.turn.masks.mask)
        except TimeoutError:
            log.warning("tool took too long", tool=use.tool.name, seconds=seconds)
            use.status, use.text = "failed", FAILED
        except Exception:
            log.exception("tool failed", tool=use.tool.name)
            use.status, use.text = "failed", FAILED

    def _count(self, uses: Sequence[Use], seconds: float) -> None:
        """Use up the budget. When it is gone, the next round has to be the answer."""
        statuses = {use.status for use in uses}
        self.rounds += 1
        self.calls += len(uses)
        self.seconds += seconds
        self.mistakes += "invalid" in statuses
        self.is_spent = bool(
            self.is_spent
            or statuses == {"repeated"}
            or self.mistakes >= MISTAKES
            or self.rounds >= settings.CHAT_TOOL_ROUNDS
            or self.calls >= settings.CHAT_TOOL_CALLS
            or self.seconds >= settings.CHAT_TOOL_SECONDS
        )

    def _keep(self, use: Use) -> None:
        """Note for checks and receipt what was given to the model; passages are numbered after those that it has."""
        if isinstance(use.result, Found):
            use.text, fresh = list_passages(self.turn.passages, use.result.passages)
            self.turn.passages += fresh
            use.status = "ok" if fresh else "nothing"
        if use.status in {"ok", "nothing", "failed", "waiting"}:
            failed = use.status == "failed"
            self.turn.lookups.append(Lookup(use.name, self._masked(use), use.text, use.words, failed))

    def _masked(self, use: Use) -> dict[str, Any]:
        masked: dict[str, Any] = each_text(use.kept, self.turn.masks.mask)
        return masked


def _event_of(use: Use) -> ToolUsed | ActionProposed | None:
    """What the page shows of a call; of one that was not run it shows nothing."""
    match use.status:
        case "ok" | "nothing" | "failed":
            return ToolUsed(use.name, use.words, use.status == "failed", isinstance(use.result, Found))
        case "waiting":
            return ActionProposed(use.name, use.kept)
    return None
