"""Sends events at their pace and notices at once when the client leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from starlette.types import Receive, Scope, Send

from llm.standin.calls import Call
from llm.standin.reply import Pace
from llm.standin.wire import Event

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """An ASGI response. Each token has its own moment, counted from the call, so that delays do not add up."""

    def __init__(self, events: Iterable[Event], *, pace: Pace, call: Call, is_cut: bool = False) -> None:
        self.events = events
        self.pace = pace
        self.call = call
        self.is_cut = is_cut  # the connection breaks after the last event, without the end of the body

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Sends until the end, or until the client closes the connection."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(wait_until_closed(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not sending.done():
                self.call.outcome = "closed"
                sending.cancel()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        moment = self.call.opened + self.pace.first_token_ms / 1000
        step = 1 / self.pace.tokens_per_second if self.pace.tokens_per_second else 0
        for event in self.events:
            if event.is_paced:
                await _sleep_until(moment)
                moment += step
            await send({"type": "http.response.body", "body": event.data, "more_body": True})
            self.call.completion_tokens += event.tokens
        self.call.outcome = "cut" if self.is_cut else "done"
        if not self.is_cut:
            await send({"type": "http.response.body", "body": b""})


class Silence:
    """An ASGI response that never comes."""

    def __init__(self, call: Call) -> None:
        self.call = call

    async def __call__(self, _: Scope, receive: Receive, __: Send) -> None:
        """Waits for the client to give up."""
        await wait_until_closed(receive)
        self.call.outcome = "closed"


async def wait_until_closed(receive: Receive) -> None:
    """Returns when the client has gone (or has the whole answer)."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _sleep_until(moment: float) -> None:
    if (delay := moment - time.monotonic()) > 0:
        await asyncio.sleep(delay)
