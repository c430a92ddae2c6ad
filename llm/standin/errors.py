"""Refusals in the form in which the real API gives them."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response


class ApiError(Exception):
    """Becomes `{"error": {"message", "type", "param", "code"}}` with an HTTP status."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {"message": message, "type": kind, "param": param, "code": code}

    def response(self) -> Response:
        """The answer that carries this error."""
        content = json.dumps({"error": self.body})
        return Response(content, self.status, headers=self.headers, media_type="application/json")


def unknown_model(name: str) -> ApiError:
    """The model is not one of ours."""
    message = f"The model `{name[:200]}` does not exist or you do not have access to it."
    return ApiError(message, status=404, code="model_not_found", param="model")


async def answer_error(_: Request, error: Exception) -> Response:
    """Starlette's handler for ApiError."""
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this class alone
    return error.response()


async def answer_crash(_: Request, error: Exception) -> Response:
    """Starlette's handler for everything else: a 500 without a trace in it."""
    return ApiError(
        f"The stand-in failed: {type(error).__name__}", status=500, code="internal_error", kind="server_error"
    ).response()
