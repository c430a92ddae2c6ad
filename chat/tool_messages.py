"""What a model reads of the calls that it made: each result as marked-up data, of limited length."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from django.conf import settings

from chat.prompting import as_data
from knowledge.search import Found, Passage
from llm import Message, Tool, ToolCall
from llm.cleaning import clean, clean_json
from llm.tools import MAX_ARGUMENTS

Status = Literal["ok", "nothing", "failed", "invalid", "repeated", "waiting"]
UNFIT_FOR_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass
class Use:
    """One call and what became of it. `text` is what the model reads, not escaped yet unless it lists passages.

    `arguments` are checked, for the function; `kept` are the same as JSON.
    """

    call: ToolCall
    status: Status
    text: str
    tool: Tool | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    result: Any = None

    @property
    def name(self) -> str:
        """The tool's name; one that the model made up is made fit to be sent back."""
        return self.tool.name if self.tool else UNFIT_FOR_A_NAME.sub("_", self.call.name)[:64] or "unknown"

    @property
    def words(self) -> str:
        """For the customer: what was done, or could not be."""
        label = self.tool.label if self.tool else ""
        return {"failed": f"Could not look up {label}", "waiting": f"Prepared: {label}"}.get(
            self.status, f"Looked up {label}"
        )


def as_messages(uses: Sequence[Use]) -> list[Message]:
    """The round as the model's servers want it: its own message with the calls, and an answer to each of them."""
    if not uses:
        return []
    calls = [
        {"id": use.call.id, "type": "function", "function": {"name": use.name, "arguments": _arguments(use)}}
        for use in uses
    ]
    answers: list[Message] = [{"role": "tool", "tool_call_id": use.call.id, "content": _as_data(use)} for use in uses]
    return [{"role": "assistant", "content": "", "tool_calls": calls}, *answers]


def as_text(result: Any, mask: Callable[[str], str]) -> str:
    """A tool's result as JSON, with personal data masked, cut at CHAT_TOOL_RESULT_CHARACTERS.

    Raises ValueError or TypeError for what cannot be written as JSON.
    """
    limit = settings.CHAT_TOOL_RESULT_CHARACTERS
    whole = clean(json.dumps(clean_json(result), ensure_ascii=False, default=str))
    text = mask(whole[: 2 * limit])
    return text if len(text) <= limit else text[:limit] + " … (cut)"


def list_passages(given: tuple[Passage, ...], found: Sequence[Passage]) -> tuple[str, tuple[Passage, ...]]:
    """The passages of a further search, and those of them that are new: they are numbered on from those given.

    New ones are listed whole, at least one of them, as far as CHAT_TOOL_RESULT_CHARACTERS reach.
    """
    numbers = {passage.chunk_id: number for number, passage in enumerate(given, start=1)}
    fresh: list[Passage] = []
    room = settings.CHAT_TOOL_RESULT_CHARACTERS
    for passage in (passage for passage in found if passage.chunk_id not in numbers):
        room -= len(passage.text)
        if fresh and room < 0:
            break
        fresh.append(passage)
    known = ", ".join(f"[{numbers[passage.chunk_id]}]" for passage in found if passage.chunk_id in numbers)
    parts = [f"You have {known} already." if known else "", as_data(fresh, start=len(given) + 1)]
    return "\n".join(filter(None, parts)) or "The help centre has nothing else about this.", tuple(fresh)


def _as_data(use: Use) -> str:
    """Escaped, so that no result can close its own tag; passages are so already."""
    text = use.text if isinstance(use.result, Found) else escape(use.text, quote=False)
    return f'<result tool="{use.name}" status="{use.status}">\n{text}\n</result>'


def _arguments(use: Use) -> str:
    """As the model wrote them, where they are JSON of a sane size: some servers cannot read anything else."""
    written = use.call.arguments
    try:
        is_sane = len(written) <= MAX_ARGUMENTS and isinstance(json.loads(written), dict)
    except (ValueError, RecursionError):
        is_sane = False
    return written if is_sane else "{}"
