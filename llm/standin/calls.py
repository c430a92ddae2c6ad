"""What was asked of the stand-in, for tests that reconcile it with the ledger."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 2000


@dataclass
class Call:
    """One call. `outcome` is open, done, failed, cut (by a fault), or closed (by the client before its end)."""

    number: int
    endpoint: str
    model: str
    outcome: str = "open"
    status: int = 200
    prompt_tokens: int = 0
    completion_tokens: int = 0
    started_at: float = field(default_factory=time.time)
    opened: float = field(default_factory=time.monotonic)  # the moment that paces count from


class CallLog:
    """Counts every call and keeps the latest."""

    def __init__(self) -> None:
        self.count = 0
        self.latest: deque[Call] = deque(maxlen=KEPT)

    def open(self, endpoint: str, model: str) -> Call:
        """A new entry, to be closed by whoever ends the answer."""
        self.count += 1
        call = Call(self.count, endpoint, model[:200])
        self.latest.append(call)
        return call

    @contextmanager
    def begin(self, endpoint: str, model: str) -> Iterator[Call]:
        """An entry for a call whose answer is made at once; a stream closes its own."""
        call = self.open(endpoint, model)
        try:
            yield call
        except Exception as error:
            call.outcome, call.status = "failed", getattr(error, "status", 500)
            raise
        if call.outcome == "open":
            call.outcome = "done"

    def report(self) -> dict[str, Any]:
        """The number of all calls and the latest of them, oldest first: a copy, since others are being opened."""
        return {"count": self.count, "calls": [asdict(call) for call in tuple(self.latest)]}
