"""The server's routes and what it keeps while it runs."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from llm.standin import chat, embeddings, errors, files, fine_tuning, models, moderations, scripts
from llm.standin.calls import CallLog
from llm.standin.embedder import Embedder
from llm.standin.reply import Pace
from llm.standin.scripts import Scripts

ROUTES = [
    Route("/health", lambda _: JSONResponse({"status": "ready"})),
    Route("/v1/chat/completions", chat.create_completion, methods=["POST"]),
    Route("/v1/embeddings", embeddings.create_embeddings, methods=["POST"]),
    Route("/v1/moderations", moderations.create_moderation, methods=["POST"]),
    Route("/v1/files", files.create_file, methods=["POST"]),
    Route("/v1/files", files.list_files),
    Route("/v1/files/{id}", files.delete_file, methods=["DELETE"]),
    Route("/v1/files/{id}", files.show_file),
    Route("/v1/files/{id}/content", files.show_content),
    Route("/v1/fine_tuning/jobs", fine_tuning.create_job, methods=["POST"]),
    Route("/v1/fine_tuning/jobs", fine_tuning.list_jobs),
    Route("/v1/fine_tuning/jobs/{id}", fine_tuning.show_job),
    Route("/v1/fine_tuning/jobs/{id}/events", fine_tuning.list_events),
    Route("/v1/fine_tuning/jobs/{id}/cancel", fine_tuning.cancel_job, methods=["POST"]),
    Route("/v1/models", models.list_models),
    Route("/v1/models/{model:path}", models.show_model),
    Route("/standin/calls", lambda request: JSONResponse(request.app.state.calls.report())),
    Route("/standin/scripts", scripts.create_script, methods=["POST"]),
    Route("/standin/scripts/{model}", scripts.show_script),
]


def create_app(pace: Pace | None = None, *, tuning_seconds: float = 0) -> Starlette:
    """The ASGI application, with the model loaded. `pace` is that of the demo models; a job of teaching takes
    `tuning_seconds`.
    """
    app = Starlette(
        routes=ROUTES,
        exception_handlers={
            errors.ApiError: errors.answer_error,
            HTTPException: unknown_address,
            Exception: errors.answer_crash,
        },
    )
    app.state.embedder = Embedder()
    app.state.calls = CallLog()
    app.state.scripts = Scripts()
    app.state.files = files.Files()
    app.state.jobs = fine_tuning.Jobs(tuning_seconds)
    app.state.pace = pace or Pace()
    return app


async def unknown_address(request: Request, error: Exception) -> Response:
    """404 and 405 in the API's form."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    message = f"Invalid URL ({request.method} {request.url.path[:200]})"
    return errors.ApiError(message, status=error.status_code, code="unknown_url").response()
