"""POST /v1/chat/completions: finds who answers under the model's name, and sends what it says."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from llm.standin import body, demo, faults, pacing, scripts, tuned_names
from llm.standin.errors import ApiError, unknown_model
from llm.standin.exchange import Exchange
from llm.standin.requests import ChatRequest
from llm.standin.rules import check
from llm.standin.scripts import Scripts


async def create_completion(request: Request) -> ASGIApp:
    """A completion, streamed or whole, and its line in the log of calls."""
    asked = await body.read(request, ChatRequest)
    check(asked)
    state = request.app.state
    call = state.calls.open("chat", asked.model)
    try:
        return await _answer(Exchange(asked, call, state.embedder, state.pace), state.scripts)
    except Exception as error:
        call.outcome, call.status = "failed", error.status if isinstance(error, ApiError) else 500
        raise


async def _answer(exchange: Exchange, played: Scripts) -> ASGIApp:
    model = exchange.asked.model
    if model in demo.MODELS or tuned_names.base_of(model):  # one that was taught here answers as its base does
        return exchange.respond(await demo.answer(exchange))
    if model.startswith(pacing.PREFIX):
        return exchange.respond(pacing.answer(model))
    if model.startswith(scripts.PREFIX):
        return exchange.respond(played.get(model).play(exchange.asked))
    if model.startswith(faults.PREFIX):
        return await faults.play(exchange)
    raise unknown_model(model)
