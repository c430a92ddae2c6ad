"""A small help centre whose questions were answered before, and what the next customers get."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pgvector import HalfVector

from chat.answer_cache import learning
from chat.answer_cache.alike import analyse
from chat.answer_cache.scope import Scope, scope_of
from chat.context import Turn
from chat.leaning import telling_words
from chat.models import SavedAnswer, SavedLookup, SavedQuestion, SavedSource
from chat.versions.states import live_version as live
from knowledge.access import Viewer
from knowledge.models import Chunk, EmbeddingModel
from tests.chat.conftest import finished_behind


@pytest.fixture
async def nothing_is_left_behind(library: None) -> AsyncIterator[None]:
    learning.forget()
    yield
    await finished_behind()
    learning.forget()


def prepared(
    question: str, chunks: list[Chunk], *, text: str = "So it is. [1]", state: str = "served", **more: Any
) -> SavedAnswer:
    """A saved answer to a visitor's question, by the live version, that rests on these passages."""
    scope: Scope = more.pop("scope", None) or scope_of(Turn(question, Viewer(visitor="v"), live()), question)
    later = timezone.now() + timedelta(days=1)
    fields: dict[str, Any] = {"refresh_at": later, "expires_at": later, "found": [chunk.pk for chunk in chunks]}
    named = {"readable": scope.readable, "language": scope.language, "assistant": scope.assistant}
    saved = SavedAnswer.objects.create(question=question, text=text, state=state, **named, **(fields | more))
    for number, chunk in enumerate(chunks, start=1):
        SavedSource.objects.create(
            answer=saved, number=number, chunk=chunk, version=chunk.version, document=chunk.version.document
        )
    model = embedding_model()
    SavedQuestion.objects.create(
        answer=saved,
        key=scope.key_of(question),
        text=question,
        words=sorted(telling_words(question)),
        signature=analyse(question).as_json(),
        embedding_model=model,
        vector=HalfVector([1.0] + [0.0] * (model.dimensions - 1)),
        asker=uuid.uuid4().hex,
    )
    return saved


def embedding_model() -> EmbeddingModel:
    return EmbeddingModel.objects.first() or EmbeddingModel.objects.create(name="a model", dimensions=3)


def observe(right: int, wrong: int, *, model: EmbeddingModel | None = None) -> None:
    """Look-ups whose candidates turned out right, near and agreed upon, or wrong, far and in doubt."""
    near = [1.0, 3.8, 2.0, 1.0, 0.7, 1.0, 0.8, 2.5, 1.0, 0.0, 0.0, 0.0]
    far = [1.0, 1.6, 0.2, 0.4, 0.7, 0.3, 0.1, 1.4, 0.0, 0.0, 1.0, 0.0]
    model = model or embedding_model()
    SavedLookup.objects.bulk_create(
        SavedLookup(embedding_model=model, outcome="miss", features=features, is_right=is_right)
        for features, is_right, count in ((near, True, right), (far, False, wrong))
        for _ in range(count)
    )
