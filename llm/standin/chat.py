"""POST /v1/chat/completions: finds who answers under the model's name, and sends what it says."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from llm.standin import body, extractive, prompt, tokens, wire
from llm.standin.calls import Call
from llm.standin.errors import unknown_model
from llm.standin.reply import Pace, Reply, say
from llm.standin.requests import ChatRequest
from llm.standin.stream import EventStream

DEMO_MODELS = ("demo-strong", "demo-small", "demo-judge")


async def create_completion(request: Request) -> ASGIApp:
    """A completion, streamed or whole."""
    asked = await body.read(request, ChatRequest)
    state = request.app.state
    call = state.calls.open("chat", asked.model)
    reply = await _answer(asked, request.app)
    call.prompt_tokens = sum(tokens.estimate(prompt.text_of(message.content)) for message in asked.messages)
    pace = reply.pace or state.pace
    if asked.stream:
        return EventStream(wire.events(asked, reply, call.prompt_tokens), pace=pace, call=call)
    call.completion_tokens, call.outcome = reply.size, "done"
    return Response(wire.completion(asked, reply, call.prompt_tokens), media_type="application/json")


async def _answer(asked: ChatRequest, app: Starlette) -> Reply:
    if asked.model in DEMO_MODELS:
        read = prompt.read(asked.messages)
        return say(await asyncio.to_thread(extractive.answer, read, app.state.embedder, asked.seed or 0))
    raise unknown_model(asked.model)
