"""A turn with tools of its own, and what came of it."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from chat.assistant import Triage, Version
from chat.context import Turn
from chat.events import ActionProposed, Event, ToolUsed
from chat.pipeline import answer
from chat.tool_use import Toolbox
from chat.versions.states import house
from knowledge.access import Viewer
from llm import Message, Tool, ToolCall

VISITOR = Viewer(visitor="v1")


def turn_with(
    *tools: Tool, monkeypatch: pytest.MonkeyPatch, question: str = "What now?", viewer: Viewer = VISITOR
) -> Turn:
    """A turn whose version has exactly these tools, no guardrails and no triage: nothing else has a say."""
    monkeypatch.setattr("chat.tool_use.TOOLS", tools)
    names = tuple(tool.name for tool in tools)
    assistant = house().model_copy(update={"tools": names, "guardrails": {}, "triage": Triage(when="never")})
    return Turn(question, viewer, Version(0, assistant))


async def use(turn: Turn, *calls: tuple[str, str], box: Toolbox | None = None) -> tuple[list[Any], list[Message]]:
    """One round of calls, (name, arguments): what the page is told, and what the model reads."""
    box = box or Toolbox(turn)
    said = [ToolCall(f"c{n}", name, arguments) for n, (name, arguments) in enumerate(calls)]
    events: list[Any] = []
    messages: list[Message] = []
    async for one in box.run(said):
        if isinstance(one, ToolUsed | ActionProposed):
            events.append(one)
        else:
            messages.append(one)
    return events, messages


async def answer_of(turn: Turn) -> list[Event]:
    """All that the pipeline tells of a turn."""
    async with aclosing(answer(turn)) as events:
        return [event async for event in events]


def calls(*named: tuple[str, dict[str, Any] | str]) -> dict[str, Any]:
    """A line of a script in which the model calls tools."""
    return {"reply": {"tool_calls": [{"name": name, "arguments": arguments} for name, arguments in named]}}


def says(text: str, **expect: Any) -> dict[str, Any]:
    """A line of a script in which the model answers, to a request that is as expected."""
    return {"expect": expect, "reply": {"text": text}}
