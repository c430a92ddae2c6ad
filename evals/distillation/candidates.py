"""What may become a line of a training set, and where it is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from llm import Message


@dataclass(frozen=True)
class Candidate:
    """Something to be learned. `messages` are what the model is asked, `tools` what it may call, `good` what it should
    write, `bad` the worse answer of a pair.

    `asked` are the questions of customers in it, the one that is answered first; `about` is what it says, for telling
    twins; `label` a judge's word. `rank` says how well it was approved, more is better, and `approved` by what, in
    words. What has one `group` is never parted: a conversation, a case. `owner` tells customers apart. `typed` are the
    customer's own words as they were typed, only to make sure that nothing of them that is personal is left.
    """

    messages: tuple[Message, ...]
    good: str
    asked: tuple[str, ...]
    approved: str
    rank: int
    teachers: tuple[str, ...]
    at: datetime
    origin: dict[str, Any]
    tools: tuple[dict[str, Any], ...] = ()
    bad: str = ""
    about: str = ""
    label: str = ""
    group: str = ""
    owner: str = ""
    language: str = ""
    topic: str = ""
    prompt: str = ""  # a hash of the instructions
    typed: tuple[str, ...] = field(default=(), repr=False)
    reply: UUID | None = None

    @property
    def name(self) -> str:
        """The same each time: what it is made of."""
        return " ".join(f"{key}={self.origin[key]}" for key in sorted(self.origin))


@dataclass(frozen=True)
class LeftOut:
    """What does not become a line, `count` of the same kind at once: a key of `reasons.REASONS`."""

    reason: str
    count: int = 1


Found = Iterator[Candidate | LeftOut]
