"""No body is read to its end before anybody asks how long it is (A53): what is too long is refused as it comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

UPLOADS = "/knowledge/"
MEGABYTE = 2**20
OF_A_FORM = 1 * MEGABYTE  # the longest question, and all that a browser sends around it
TOO_LARGE = b"This is larger than the server takes."


def limited(application: Application) -> Application:
    """An ASGI application whose HTTP requests have bodies of at most `limit_of(path)` bytes; else 413."""

    async def guarded(scope: Any, receive: Receive, send: Send) -> None:
        limit = limit_of(scope["path"])
        if _declared(scope) > limit:
            await _refuse(send)
            return
        body = _Body(receive, send, limit)
        await application(scope, body.receive, body.send)
        if body.is_too_large and not body.has_answered:
            await _refuse(send)

    return guarded


def limit_of(path: str) -> int:
    """How many bytes the body of a request to this path may have."""
    if path.startswith(UPLOADS):
        return int(settings.KNOWLEDGE_MAX_UPLOAD_MB) * MEGABYTE
    return OF_A_FORM


class _Body:
    """Counts what comes in. At the limit the application is told that the client has gone."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.is_too_large = False
        self.has_answered = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.is_too_large = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        self.has_answered = True
        await self._send(message)


def _declared(scope: Any) -> int:
    """The content-length that the client states; 0 if it states none that is a number."""
    stated = dict(scope["headers"]).get(b"content-length", b"0")
    return int(stated) if stated.isdigit() else 0


async def _refuse(send: Send) -> None:
    """Answer at once. The server throws away what still comes: a closed connection would hide the answer."""
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": TOO_LARGE})
