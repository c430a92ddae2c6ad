"""GET /v1/models: the names that can be asked for, faults and pace aside."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from llm.standin import body, demo, embeddings, tuned_names
from llm.standin.errors import unknown_model

NAMES = (*demo.MODELS, embeddings.MODEL)


async def list_models(request: Request) -> Response:
    """All of them."""
    body.require_key(request)
    return JSONResponse({"object": "list", "data": [_describe(name) for name in NAMES]})


async def show_model(request: Request) -> Response:
    """One of them."""
    body.require_key(request)
    name = request.path_params["model"]
    if name not in NAMES and tuned_names.base_of(name) is None:
        raise unknown_model(name)
    return JSONResponse(_describe(name))


def _describe(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1735689600, "owned_by": "standin"}
