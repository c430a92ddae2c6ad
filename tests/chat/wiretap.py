"""What really goes to the models: a relay in front of the stand-in that keeps every byte the product sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Wiretap:
    """The `address` to give to the gateway, and what went through it: requests only."""

    address: str = ""
    heard: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        return self.heard.decode("utf-8", "replace").encode("utf-8").decode("unicode_escape", "replace")


@asynccontextmanager
async def wiretap(base_url: str) -> AsyncIterator[Wiretap]:
    """Relay to `base_url` while the block runs."""
    target, tap = urlsplit(base_url), Wiretap()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(target.hostname, target.port)
        with suppress(asyncio.CancelledError):  # a connection that the client keeps open when the test ends
            await asyncio.gather(_copy(reader, to_writer, tap.heard), _copy(to_reader, writer, bytearray()))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    tap.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{target.path}"
    try:
        yield tap
    finally:
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
    try:
        while received := await reader.read(65536):
            kept += received
            writer.write(received)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
