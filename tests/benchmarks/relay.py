"""The servers that `tests.benchmarks.chat` measures: two ways to forward a model's stream to a socket.

`bare` is what a tutorial writes: the SDK's stream, one frame for each delta. `relay` is the product's own path from
the gateway to the socket, without search and without rows of a conversation.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from contextlib import aclosing
from functools import cache
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path
from openai import AsyncOpenAI

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings")
http = get_asgi_application()

from django.conf import settings  # noqa: E402

import llm  # noqa: E402
from chat.following import watch  # noqa: E402
from chat.live import LiveReply  # noqa: E402

QUESTION: list[llm.Message] = [{"role": "user", "content": "How do I close my account?"}]


class Bare(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        stream = await _sdk().chat.completions.create(
            model=settings.LLM_STRONG_MODEL, messages=[{"role": "user", "content": "Hello"}], stream=True
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                await self.send(chunk.choices[0].delta.content)
        await self.close()


class Relay(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        live = LiveReply(uuid.uuid4(), uuid.uuid4())
        writing = asyncio.create_task(_write(live))
        await watch(live, self.send)
        await writing
        await self.close()


async def _write(live: LiveReply) -> None:
    async with aclosing(llm.stream(QUESTION, purpose="benchmark")) as pieces:
        async for piece in pieces:
            if isinstance(piece, llm.Text):
                live.write(piece.text)
    await asyncio.sleep(settings.CHAT_FRAME_MILLISECONDS * 2 / 1000)  # the last frame goes out before the end
    live.end()


@cache
def _sdk() -> AsyncOpenAI:
    return AsyncOpenAI(api_key=settings.LLM_API_KEY, base_url=settings.LLM_BASE_URL, max_retries=0)


routes: list[Any] = [
    path("bare/", Bare.as_asgi()),  # type: ignore[arg-type]
    path("relay/", Relay.as_asgi()),  # type: ignore[arg-type]
]
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(routes)})
