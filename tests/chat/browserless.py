"""A visitor without a browser: the page by HTTP, the socket by the `websockets` client, the page's state by ids."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any

import httpx2
from django.conf import settings
from selectolax.lexbor import LexborHTMLParser
from websockets.asyncio.client import ClientConnection, connect

from app.models import User
from tests.people import session_of

END_STATES = {"done", "refused", "stopped", "failed", "interrupted"}


@dataclass
class Visitor:
    """One browser profile: its cookies, and the page that it loaded last."""

    server: str
    cookies: CookieJar = field(default_factory=CookieJar)
    page: LexborHTMLParser = field(default_factory=lambda: LexborHTMLParser("<p>"))

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.server, cookies=self.cookies, follow_redirects=False, timeout=30)

    def sign_in(self, user: User) -> None:
        """Carry the session cookie of somebody who has just signed in. Sync: it writes the session."""
        cookies = httpx2.Cookies(self.cookies)
        cookies.set(settings.SESSION_COOKIE_NAME, session_of(user))
        self.cookies = cookies.jar

    async def load(self, path: str = "/") -> int:
        async with self.client() as client:
            answer = await client.get(path)
            self.cookies = client.cookies.jar
        self.page = LexborHTMLParser(answer.text)
        return answer.status_code

    async def post(self, path: str, **fields: Any) -> httpx2.Response:
        async with self.client() as client:
            token = {"X-CSRFToken": self._csrf(), "Referer": self.server}
            return await client.post(path, data=fields, headers=token)

    def field(self, name: str) -> str:
        node = self.page.css_first(f"#composer [name={name}]")
        assert node is not None
        return node.attributes.get("value") or ""

    @property
    def socket_path(self) -> str:
        node = self.page.css_first("[ws-connect]")
        assert node is not None
        return node.attributes["ws-connect"] or ""

    def headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)}

    @asynccontextmanager
    async def socket(self, path: str = "", **options: Any) -> AsyncIterator[Socket]:
        """The socket of the loaded page (or of another `path`)."""
        address = self.server.replace("http", "ws") + (path or self.socket_path)
        options = {"additional_headers": self.headers(), "origin": self.server, "compression": None} | options
        async with connect(address, **options) as connection:
            yield Socket(connection)

    def _csrf(self) -> str:
        node = self.page.css_first("#composer [name=csrfmiddlewaretoken]")
        return (node.attributes.get("value") or "") if node else ""


@dataclass
class Socket:
    """The socket, and the page as the frames so far have left it: HTML by element id."""

    connection: ClientConnection
    frames: list[str] = field(default_factory=list)

    async def send(self, **frame: Any) -> None:
        await self.connection.send(json.dumps(frame, default=str))

    async def ask(self, text: str, client_id: uuid.UUID | None = None) -> uuid.UUID:
        client_id = client_id or uuid.uuid4()
        await self.send(type="ask", client_id=client_id, text=text)
        return client_id

    async def frame_with(self, pattern: str, seconds: float = 15) -> re.Match[str]:
        """Read frames until one matches; all of them are kept."""
        async with asyncio.timeout(seconds):
            while True:
                frame = str(await self.connection.recv())
                self.frames.append(frame)
                if found := re.search(pattern, frame, re.DOTALL):
                    return found

    async def reply(self, seconds: float = 15) -> LexborHTMLParser:
        """The next reply that has come to its end, as HTML."""
        states = "|".join(END_STATES)
        found = await self.frame_with(rf'<li class="reply"[^>]*data-status="(?:{states})"[^>]*hx-swap-oob', seconds)
        return LexborHTMLParser(found.string)

    async def problem(self) -> str:
        """The code of the next error that is shown above the field."""
        return (await self.frame_with(r'id="form-error"[^>]*data-code="([a-z_]+)"')).group(1)


def status_of(reply: LexborHTMLParser) -> str:
    node = reply.css_first("li.reply")
    assert node is not None
    return node.attributes["data-status"] or ""


def text_of(reply: LexborHTMLParser) -> str:
    node = reply.css_first(".body")
    assert node is not None
    return node.text(separator=" ", strip=True)
