"""What one turn is given, and the receipt of what it did."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from knowledge.access import Viewer
from knowledge.search import Passage


@dataclass
class Receipt:
    """The steps of a turn with their times in milliseconds, as they are stored with the reply."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Time a step; what the block writes into the yielded dict is kept with it."""
        step: dict[str, Any] = {"step": name, "at_ms": self._elapsed_ms()}
        self.steps.append(step)
        try:
            yield step
        finally:
            step["ms"] = self._elapsed_ms() - step["at_ms"]

    def as_json(self) -> dict[str, Any]:
        return {"steps": self.steps}

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)


@dataclass(frozen=True)
class Exchange:
    """An earlier question of the conversation and the reply that the customer saw."""

    question: str
    reply: str


@dataclass(frozen=True)
class Draft:
    """A cut answer that is to be continued: its text, and the passages its citations point to, in order."""

    text: str
    sources: tuple[Passage, ...]


@dataclass
class Turn:
    """A question, who asks it, and what was said before. Nothing here knows of sockets or rows."""

    question: str
    viewer: Viewer
    history: tuple[Exchange, ...] = ()
    draft: Draft | None = None
    receipt: Receipt = field(default_factory=Receipt)
