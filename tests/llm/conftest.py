"""Short waits, closed breakers, and a server that says exactly the bytes of a test."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio

import llm
from llm import breaker
from llm.errors import LLMError

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
FIN, RESET, SILENCE = "fin", "reset", "silence"
Step = bytes | float | str
QUESTION: list[llm.Message] = [{"role": "user", "content": "How do I close my account?"}]


@pytest.fixture(autouse=True)
def quick(settings) -> Iterator[None]:
    """Waits that a test can afford."""
    settings.LLM_FIRST_TOKEN_SECONDS = 5.0
    settings.LLM_IDLE_SECONDS = 5.0
    settings.LLM_ANSWER_SECONDS = 20.0
    settings.LLM_FALLBACK_MODEL = ""
    settings.LLM_LACKS = []
    breaker.close_all()
    yield
    breaker.close_all()


class Wire:
    """A server that plays a list of steps to each connection in turn: bytes to say, seconds to wait, or an end.

    The last list is played to all further connections. `requests` keeps what each of them sent.
    """

    def __init__(self, *plays: Sequence[Step]) -> None:
        self.plays = list(plays)
        self.requests: list[bytes] = []
        self.connections = 0
        self.left_early = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
        self.requests.append(await read_request(reader))
        leaving = asyncio.create_task(reader.read(1))
        try:
            for step in play:
                if not await self._take(step, writer, leaving):
                    return
        finally:
            leaving.cancel()
            writer.close()

    async def _take(self, step: Step, writer: asyncio.StreamWriter, leaving: asyncio.Task[bytes]) -> bool:
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
        elif step == RESET:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return False
        elif step != FIN:
            await asyncio.wait({leaving}, timeout=60 if step == SILENCE else float(step))
            if leaving.done():
                self.left_early.set()
                return False
        return True


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = (line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    length = int(next(lengths, 0))
    return head + await reader.readexactly(length)


def chunked(*pieces: bytes) -> bytes:
    """Pieces of a body as HTTP sends them when it does not know the length."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def says(text: str) -> bytes:
    """A chunk of a stream that adds a text."""
    return chunked(b'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' % text.encode())


END = chunked(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n', b"data: [DONE]\n\n", b"")


def response(status: str, *headers: str, body: bytes = b"{}") -> bytes:
    """A whole response that is not a stream."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


Serve = Callable[..., Awaitable[Wire]]


@pytest_asyncio.fixture
async def serve(settings) -> AsyncIterator[Serve]:
    """Start a `Wire` and make it the model's address."""
    servers = []

    async def start(*plays: Sequence[Step]) -> Wire:
        wire = Wire(*plays)
        server = await asyncio.start_server(wire, "127.0.0.1", 0)
        servers.append(server)
        settings.LLM_BASE_URL = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        return wire

    yield start
    for server in servers:
        server.close()


async def answer(**options: Any) -> list[llm.Event]:
    """All events of an answer."""
    async with aclosing(llm.stream(QUESTION, purpose="answer", **options)) as events:
        return [event async for event in events]


async def failed_answer(**options: Any) -> tuple[list[llm.Event], LLMError]:
    """The events of an answer until its error, and the error."""
    events: list[llm.Event] = []
    try:
        async with aclosing(llm.stream(QUESTION, purpose="answer", **options)) as stream:
            async for event in stream:
                events.append(event)
    except LLMError as error:
        return events, error
    raise AssertionError("the answer did not fail")


def end_of(events: Sequence[llm.Event]) -> llm.Finished:
    """The last event, which says how the answer ended."""
    assert isinstance(events[-1], llm.Finished)
    return events[-1]


def wait_of(events: Sequence[llm.Event]) -> float:
    """The seconds of the notice that came first."""
    assert isinstance(events[0], llm.Waiting)
    return events[0].seconds


def text_of(events: Sequence[llm.Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, llm.Text))


StandinCalls = Callable[[str], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def standin_calls(settings) -> StandinCalls:
    """What the stand-in says of the calls of a model."""
    address = settings.LLM_BASE_URL.removesuffix("/v1") + "/standin/calls"

    def fetch(model: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(address, timeout=5) as report:
            return [call for call in json.load(report)["calls"] if call["model"] == model]

    return lambda model: asyncio.to_thread(fetch, model)


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds, for five seconds at most."""
    for _ in range(100):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about")
