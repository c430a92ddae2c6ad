"""Vectors of chunks, kept by the model that made them: made, stored, and indexed for each model by itself.

The current model is the one that the settings name. It is complete once every live chunk has its vector, and only then
does search ask it; `knowledge/reembedding.py` brings it there.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection
from django.utils import timezone

import llm
from knowledge.models import Chunk, Embedding, EmbeddingModel
from knowledge.words import full_heading

log = structlog.get_logger()

BATCH = 64  # chunks that are embedded, and then stored, at once
LARGEST_INDEXED = 4000  # numbers of a halfvec that HNSW takes; longer vectors are compared one by one

# What the model cards say of models that know one language; others are taken to know all.
ENGLISH_ONLY = {"all-MiniLM-L6-v2", "all-minilm", "nomic-embed-text", "mxbai-embed-large", "snowflake-arctic-embed"}


def embed_chunks(chunks: Sequence[Chunk]) -> int:
    """Embed those of the chunks that have no vector of the current model, store these, and say how many.

    Raises an `LLMError`. Batches that were stored before it stay, so that the next call goes on from there.
    """
    asked = Chunk.objects.filter(pk__in=[chunk.pk for chunk in chunks])
    missing = list(asked.without_vector_of(current_model()).select_related("version__document"))
    for start in range(0, len(missing), BATCH):
        _embed_batch(missing[start : start + BATCH])
    return len(missing)


def current_model() -> EmbeddingModel | None:
    """The row of the model that the settings name, if anything was ever embedded with it."""
    return EmbeddingModel.objects.filter(name=llm.embedding_model()).first()


def knows_language(model: EmbeddingModel, language: str) -> bool:
    """Whether the model learned this language (ISO 639-1)."""
    english_only = model.name.partition(":")[0] in ENGLISH_ONLY
    learned = settings.KNOWLEDGE_EMBEDDING_LANGUAGES or (["en"] if english_only else [])
    return not learned or language in learned


def register(name: str, dimensions: int) -> EmbeddingModel:
    """The row of a model, which from now on is the current one: what other models made counts as superseded.

    A model that suddenly makes longer or shorter vectors is another model under an old name; the old one is renamed.
    """
    model, is_new = EmbeddingModel.objects.get_or_create(name=name, defaults={"dimensions": dimensions})
    if model.dimensions != dimensions:
        EmbeddingModel.objects.filter(pk=model.pk).update(name=f"{name} of {model.dimensions} numbers")
        return register(name, dimensions)
    others = EmbeddingModel.objects.exclude(pk=model.pk).filter(superseded_at=None)
    others.update(completed_at=None, superseded_at=timezone.now())
    if model.superseded_at:
        EmbeddingModel.objects.filter(pk=model.pk).update(superseded_at=None)
    if is_new:
        create_index(model)
    return model


def complete(model: EmbeddingModel) -> bool:
    """Let search ask the model, if every live chunk has its vector; True when it may."""
    if not model.completed_at and not Chunk.objects.live().without_vector_of(model).exists():
        model.completed_at = timezone.now()
        model.save(update_fields=["completed_at"])
    return bool(model.completed_at)


def distrust(model: EmbeddingModel) -> None:
    """Under the model's name came a vector of another length: search by words until all is embedded anew."""
    log.error("embedding_dimensions_changed", model=model.name, dimensions=model.dimensions)
    EmbeddingModel.objects.filter(pk=model.pk).update(completed_at=None)


def create_index(model: EmbeddingModel) -> None:
    """Build the model's HNSW index without blocking writers, unless it is there.

    Postgres refuses to do so inside a transaction: there it is left to the next round of re-embedding.
    """
    if connection.in_atomic_block or model.dimensions > LARGEST_INDEXED:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [index_of(model)])
        found = cursor.fetchone()
        if found == (False,):  # a build was cut short
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index_of(model)}")
        if found != (True,):
            cursor.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index_of(model)} ON knowledge_embedding "
                f"USING hnsw ((vector::halfvec({model.dimensions:d})) halfvec_cosine_ops) WHERE model_id = {model.pk:d}"
            )


def drop_index(model: EmbeddingModel) -> None:
    """Drop the model's index without blocking anybody; not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index_of(model)}")


def index_of(model: EmbeddingModel) -> str:
    """The name of the model's index."""
    return f"embedding_hnsw_{model.pk:d}"


def _embed_batch(chunks: Sequence[Chunk]) -> None:
    vectors = async_to_sync(llm.embed)([_said_by(chunk) for chunk in chunks], purpose="ingest")
    model = register(vectors.model, vectors.rows.shape[1])
    rows = [
        Embedding(chunk=chunk, model=model, collection_id=chunk.version.document.collection_id, vector=vector)
        for chunk, vector in zip(chunks, vectors.rows, strict=True)
    ]
    Embedding.objects.bulk_create(rows, ignore_conflicts=True)  # who embeds a chunk twice gets the same vector
    complete(model)


def _said_by(chunk: Chunk) -> str:
    """What a chunk means stands partly in the headings above it."""
    title = chunk.version.title or chunk.version.document.title
    return f"{full_heading(title, chunk.heading)}\n{chunk.text}".strip()
