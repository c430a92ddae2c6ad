"""The server's routes and what it keeps while it runs."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from llm.standin import chat, embeddings, errors
from llm.standin.calls import CallLog
from llm.standin.embedder import Embedder
from llm.standin.reply import Pace


def create_app(pace: Pace | None = None) -> Starlette:
    """The ASGI application, with the model loaded. `pace` is that of the demo models."""
    routes = [
        Route("/health", health),
        Route("/v1/chat/completions", chat.create_completion, methods=["POST"]),
        Route("/v1/embeddings", embeddings.create_embeddings, methods=["POST"]),
        Route("/standin/calls", calls),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={errors.ApiError: errors.answer_error, Exception: errors.answer_crash},
    )
    app.state.embedder = Embedder()
    app.state.calls = CallLog()
    app.state.pace = pace or Pace()
    return app


async def health(_: Request) -> Response:
    """Answers once the model is loaded, which is before the server listens."""
    return JSONResponse({"status": "ready"})


async def calls(request: Request) -> Response:
    """The log of calls."""
    return JSONResponse(request.app.state.calls.report())
