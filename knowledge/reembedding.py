"""When the embedding model changes: every live chunk gets a vector of the new one while word search answers.

The database says what is left to do, so that a round may be stopped anywhere; the scheduler starts one every minute.
"""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

import llm
from knowledge.embeddings import (
    BATCH,
    complete,
    create_index,
    current_model,
    drop_index,
    embed_chunks,
    register,
)
from knowledge.models import Chunk, EmbeddingModel
from llm.errors import LLMError

log = structlog.get_logger()

LEASE = "knowledge.reembedding"
LEASE_SECONDS = 180  # longer than one batch takes, its retries included


def reembedding_progress() -> tuple[int, int] | None:
    """How many live chunks have a vector of the current model, and of how many; None when there is nothing to do."""
    model = current_model()
    total = Chunk.objects.live().count()
    if not total or (model and model.completed_at):
        return None
    return total - Chunk.objects.live().without_vector_of(model).count(), total


def reembed(*, seconds: float = 600) -> bool:
    """Embed what has no vector of the current model, for so long at most; True when nothing is left.

    One round at a time. A model that cannot be reached now is asked again by the next round.
    """
    if not cache.add(LEASE, True, LEASE_SECONDS):
        return False
    try:
        return _embed_what_is_left(until=monotonic() + seconds)
    except LLMError as error:
        log.warning("reembedding_waits", code=error.code)
        return False
    finally:
        cache.delete(LEASE)


def drop_superseded() -> None:
    """Drop the vectors and the index of each model that was superseded before the days of grace."""
    grace = timedelta(days=settings.KNOWLEDGE_KEEP_OLD_VECTORS_DAYS)
    old = EmbeddingModel.objects.filter(superseded_at__lte=timezone.now() - grace)
    for model in old.exclude(name=llm.embedding_model()):
        drop_index(model)
        model.delete()


def _embed_what_is_left(*, until: float) -> bool:
    if not Chunk.objects.live().exists():
        return True
    model = current_model()
    if not (model and model.completed_at):
        model = _model_of_today()
    create_index(model)
    left = Chunk.objects.live().without_vector_of(model)
    while batch := list(left[:BATCH]):
        if monotonic() > until:
            return False
        cache.touch(LEASE, LEASE_SECONDS)
        embed_chunks(batch)
    return complete(model)


def _model_of_today() -> EmbeddingModel:
    """The current model with the length of its vectors, which only the model itself can tell."""
    vectors = async_to_sync(llm.embed)(["How long is your vector?"], purpose="ingest")
    return register(vectors.model, vectors.rows.shape[1])
