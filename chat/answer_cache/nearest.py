"""The saved questions nearest to a new one, among those that hold in its scope.

The scope is a condition of the query. Postgres orders few questions by comparing them all; for many there is an HNSW
index for each embedding model, which is read on until enough questions of the scope are found (pgvector's iterative
scan): so a small scope among many questions loses none.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Cast
from pgvector import HalfVector
from pgvector.django import CosineDistance, HalfVectorField

from chat.models import SavedAnswerQuerySet, SavedQuestion
from knowledge.models import EmbeddingModel
from knowledge.search import Meaning

INDEXED_FROM = 5_000  # questions of a model: comparing fewer is as quick
LARGEST_INDEXED = 4_000  # dimensions of a halfvec in an index of pgvector
SCAN_SETTINGS = """
    SET LOCAL hnsw.iterative_scan = strict_order;
    SET LOCAL hnsw.ef_search = 100;
    SET LOCAL hnsw.max_scan_tuples = 20000;
"""


def nearest(standing: SavedAnswerQuerySet, meaning: Meaning, *, count: int) -> list[tuple[SavedQuestion, float]]:
    """At most `count` questions of the standing answers, each with its cosine, nearest first."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SCAN_SETTINGS)
        rows = _by_distance(meaning).filter(answer__in=standing)
        near = rows.select_related("answer").prefetch_related("answer__sources")[:count]
        return [(row, 1 - row.distance) for row in near]


def _by_distance(meaning: Meaning) -> QuerySet[Any]:
    """In the words of the index, so that Postgres sees that it may be used."""
    vector = Cast("vector", HalfVectorField(dimensions=meaning.model.dimensions))
    distance = CosineDistance(vector, HalfVector.from_text(meaning.vector))
    asked = SavedQuestion.objects.filter(embedding_model=meaning.model)
    return asked.annotate(distance=distance).order_by("distance")


def create_index(model: EmbeddingModel) -> bool:
    """Build the model's index without blocking writers, where so many questions need one. Whether it is there.

    Postgres refuses to do so inside a transaction: there it is left to the next round.
    """
    if connection.in_atomic_block or model.dimensions > LARGEST_INDEXED:
        return False
    if SavedQuestion.objects.filter(embedding_model=model).count() < INDEXED_FROM:
        return False
    name = f"saved_question_hnsw_{model.pk:d}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [name])
        found = cursor.fetchone()
        if found == (False,):  # a build was cut short
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        if found != (True,):
            cursor.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON chat_savedquestion "
                f"USING hnsw ((vector::halfvec({model.dimensions:d})) halfvec_cosine_ops) "
                f"WHERE embedding_model_id = {model.pk:d}"
            )
    return True
