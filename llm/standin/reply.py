"""What a model of the stand-in has to say, before it is put on the wire."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

from llm.standin import tokens

ARGUMENT_PIECE = 12  # characters
FINGERPRINT = "fp_standin_1"
FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True)
class ToolCall:
    """A call that the model wants; its arguments are JSON, unless a fault has spoilt them."""

    name: str
    arguments: str

    @property
    def pieces(self) -> list[str]:
        """The arguments as a stream brings them."""
        return [self.arguments[n : n + ARGUMENT_PIECE] for n in range(0, len(self.arguments), ARGUMENT_PIECE)]

    def numbered(self, position: int) -> dict[str, Any]:
        """The call as the API shows it. Its id follows from its content, so that a seed repeats it."""
        digest = hashlib.sha256(f"{position}{self.name}{self.arguments}".encode("utf-8", "replace")).hexdigest()
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": f"call_{digest[:24]}", "type": "function", "function": function}


def call(name: str, **arguments: Any) -> ToolCall:
    """A call with arguments that are valid JSON."""
    return ToolCall(name, json.dumps(arguments, ensure_ascii=False))


@dataclass(frozen=True)
class Pace:
    """How fast tokens leave: milliseconds before the first, then tokens per second (0: all at once)."""

    first_token_ms: float = 0
    tokens_per_second: float = 0


@dataclass(frozen=True)
class Reply:
    """An answer: text in pieces, or tool calls, and why it ended."""

    pieces: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: FinishReason = "stop"
    refusal: str | None = None
    fingerprint: str | None = FINGERPRINT
    pace: Pace | None = None  # None: the server's own
    served_by: str | None = None  # None: the model that was asked for

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.pieces)

    @property
    def size(self) -> int:
        """Completion tokens: as many as a stream of it counts."""
        return len(self.pieces) + sum(1 + len(call.pieces) for call in self.tool_calls)


def say(text: str, **details: Any) -> Reply:
    """A reply of plain text."""
    return Reply(pieces=tuple(tokens.split(text)), **details)


def ask_for(*calls: ToolCall, **details: Any) -> Reply:
    """A reply that calls tools."""
    return Reply(tool_calls=calls, finish_reason="tool_calls", **details)
