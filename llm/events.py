"""What goes in and out of the front door: messages, the events of an answer, vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Alias = Literal["strong", "small", "judge", "embedding", "moderation"]


class Message(TypedDict):
    """One message of a conversation, in the form that OpenAI-compatible servers read."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: NotRequired[list[dict[str, Any]]]
    tool_call_id: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer: never empty, free of NUL, lone surrogates and control characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The server is busy: the gateway asks again after this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments` is what the model wrote: it should be a JSON object, the caller checks."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """The tools that the model wants called before it goes on."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them, or estimated (characters / 4) when it does not say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event. `reason`: stop, length, tool_calls, content_filter; `call_id`: its ledger row."""

    reason: str
    served_by: str
    fingerprint: str
    usage: Usage
    call_id: UUID


Event: TypeAlias = Text | Waiting | ToolCalls | Finished


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Embeddings of n texts, in their order: `rows` is (n, d) float32 and each row has length 1."""

    model: str
    rows: NDArray[np.float32]
