"""POST /v1/embeddings: real vectors of all-MiniLM-L6-v2."""

from __future__ import annotations

import base64
import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from llm.standin import body, faults
from llm.standin.embedder import Embedder
from llm.standin.errors import ApiError, unknown_model
from llm.standin.minilm import DIMENSIONS, Floats
from llm.standin.requests import EmbeddingsRequest

MODEL = "all-MiniLM-L6-v2"
MAX_TEXTS = 2048


async def create_embeddings(request: Request) -> ASGIApp:
    """The vectors in the order of the input, as numbers or as base64 of little-endian float32."""
    wanted = await body.read(request, EmbeddingsRequest)
    with request.app.state.calls.begin("embeddings", wanted.model) as call:
        if wanted.model.startswith(faults.PREFIX):
            if (silence := faults.refuse(wanted.model, call)) is not None:
                return silence
            wanted.model = MODEL
        texts = _texts(wanted)
        embedder: Embedder = request.app.state.embedder
        rows, call.prompt_tokens = await embedder.embed(texts)
        as_base64 = wanted.encoding_format == "base64"
        return Response(_envelope(rows, call.prompt_tokens, as_base64), media_type="application/json")


def _texts(wanted: EmbeddingsRequest) -> list[str]:
    if wanted.model != MODEL:
        raise unknown_model(wanted.model)
    if wanted.dimensions not in (None, DIMENSIONS):
        raise ApiError(f"This model has {DIMENSIONS} dimensions.", param="dimensions", code="invalid_value")
    texts = [wanted.input] if isinstance(wanted.input, str) else wanted.input
    if not 1 <= len(texts) <= MAX_TEXTS:
        raise ApiError(f"'input' must have 1 to {MAX_TEXTS} items.", param="input", code="invalid_value")
    strings = [text for text in texts if isinstance(text, str)]
    if len(strings) < len(texts):
        raise ApiError("This model takes text, not token numbers.", param="input", code="invalid_type")
    if not all(strings):
        raise ApiError("'input' cannot be an empty string.", param="input", code="invalid_value")
    return strings


def _envelope(rows: Floats, tokens: int, as_base64: bool) -> str:
    def vector(row: Floats) -> str:
        if as_base64:
            return f'"{base64.b64encode(row.astype("<f4").tobytes()).decode()}"'
        return json.dumps(row.tolist())

    data = ",".join(f'{{"object":"embedding","index":{n},"embedding":{vector(row)}}}' for n, row in enumerate(rows))
    usage = f'{{"prompt_tokens":{tokens},"total_tokens":{tokens}}}'
    return f'{{"object":"list","data":[{data}],"model":"{MODEL}","usage":{usage}}}'
