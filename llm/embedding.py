"""Texts → vectors, in batches, each checked before anyone keeps it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from time import monotonic
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from llm import gateway, ledger
from llm.answer import Answer
from llm.breaker import breaker_for
from llm.catalogue import Model, model_for
from llm.cleaning import clean
from llm.errors import Interrupted, LLMError, Timeout
from llm.events import Vectors
from llm.retries import Course

BATCH = 64  # texts in one request

Rows = NDArray[np.float32]


async def embed(texts: Sequence[str], *, purpose: str) -> Vectors:
    """Embed texts with the model set now: a row of length 1 for each, in order. Raises an `LLMError`.

    A person waits for the purpose "question": `LLM_QUESTION_SECONDS` at most, with its retries (F16).
    """
    model = model_for("embedding")
    batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    rows = [await _embed(model, [clean(text) for text in batch], purpose) for batch in batches]
    if len({batch.shape[1] for batch in rows}) > 1:
        raise Interrupted("vectors of different lengths")
    return Vectors(model.name, np.concatenate(rows) if rows else np.empty((0, 0), np.float32))


async def _embed(model: Model, texts: list[str], purpose: str) -> Rows:
    """One batch, asked for again while that can help."""
    is_awaited = purpose == "question"
    deadline = monotonic() + (settings.LLM_QUESTION_SECONDS if is_awaited else settings.LLM_EMBEDDING_SECONDS)
    course = Course([model], deadline=deadline)
    async with ledger.entry(purpose, "embedding", model.alias) as record:
        while True:
            try:
                return await _attempt(model, texts, record, deadline)
            except LLMError as error:
                wait = course.wait_after(error)
            await asyncio.sleep(wait)


async def _attempt(model: Model, texts: list[str], record: ledger.Record, deadline: float) -> Rows:
    encoding = "base64" if model.takes("base64") else "float"
    body: dict[str, Any] = {"model": model.name, "input": texts, "encoding_format": encoding}
    answer = Answer()
    record.asks(body, answer)
    with breaker_for(model.name).guard():
        record.attempts += 1
        try:
            async with asyncio.timeout(deadline - monotonic()):
                response = await gateway.embeddings(body)
        except TimeoutError:
            raise Timeout("no vectors in time") from None
        rows = read_rows(response, count=len(texts))
        answer.add(response)
    record.done()
    return rows


def read_rows(response: Any, *, count: int) -> Rows:
    """A response's vectors in the order of the texts, each of length 1. Refuses all but `count` sound ones."""
    try:
        items = sorted(response["data"], key=lambda item: item["index"])
        rows = np.array([_numbers(item["embedding"]) for item in items], np.float32)
    except (KeyError, TypeError, ValueError):
        raise Interrupted("the response holds no vectors") from None
    if [item["index"] for item in items] != list(range(count)) or rows.ndim != 2:
        raise Interrupted("not one vector for each text")
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise Interrupted("a vector is zero or not a number")
    rows /= lengths
    return rows


def _numbers(embedding: str | list[float]) -> Rows | list[float]:
    """Base64 of little-endian float32, or plain numbers from a server that does not know base64."""
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding), "<f4")
    return embedding
