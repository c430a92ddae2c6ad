"""How long a look-up among saved answers takes once the question's vector is there, and what a plain one takes.

A plain one is the query that other caches make: the nearest saved question, with no scope, no documents and no checks.
Both ask the same rows in Postgres: a small cache without an index, and a large one with it.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from time import perf_counter
from typing import Any

import numpy as np

from tests.benchmarks.search import own_database, percentile

SIZES = (1_000, 100_000)
LOOK_UPS, WARM = 200, 5
DIMENSIONS, A_PACK = 384, 2_000
SCOPES = 4  # of which one asks: a quarter of the questions
TEXTS = 50  # questions that differ by their number
AWAY = 0.3  # of noise on an asked vector: a paraphrase's cosine is about .9


def measure(size: int, *, look_ups: int = LOOK_UPS) -> dict[str, float]:
    """Milliseconds, p50 and p95: the query, the whole judgement of a candidate behind it, and the plain query."""
    from django.db import connection

    vectors = _fill(size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_savedquestion, chat_savedanswer, chat_savedsource, knowledge_document")
    rng = np.random.default_rng(3)
    for number in range(0, WARM * SCOPES, SCOPES):
        _ours(vectors[number], number % TEXTS)
    ours, plain = [], []
    for _ in range(look_ups):
        own = int(rng.integers(0, size // SCOPES)) * SCOPES
        asked = vectors[own] + rng.normal(size=vectors.shape[1]) * AWAY / np.sqrt(vectors.shape[1])
        asked /= np.linalg.norm(asked)
        ours.append(_ours(asked, own % TEXTS))
        plain.append(_plain(asked))
    took = [ms for ms, is_served in ours if is_served]  # a miss ends early and measures nothing
    return {
        "served": round(sum(is_served for _, is_served in ours) / look_ups, 3),
        "look_up_ms_p50": round(percentile(took, 0.5), 2),
        "look_up_ms_p95": round(percentile(took, 0.95), 2),
        "plain_ms_p50": round(percentile(plain, 0.5), 2),
        "plain_ms_p95": round(percentile(plain, 0.95), 2),
    }


def _ours(asked: Any, number: int) -> tuple[float, bool]:
    """From the vector to the answer that is served, as a turn does it."""
    from asgiref.sync import async_to_sync

    from chat.answer_cache.look_up import look_up
    from chat.context import Turn
    from chat.versions.states import live_version
    from knowledge.access import Viewer
    from knowledge.models import Chunk, EmbeddingModel
    from knowledge.search import Found, Meaning, Passage

    chunk = Chunk.objects.select_related("version").latest("pk")
    passage = Passage(chunk.pk, chunk.version.document_id, 1, "Settings", "", None, chunk.text, 0.9)
    found = Found((passage,), "", Meaning(EmbeddingModel.objects.get(), _literal(asked), 0.5))
    turn = Turn(f"How can I change the setting {number}?", Viewer(visitor="v"), live_version())
    began = perf_counter()
    hit = async_to_sync(look_up)(turn, found)
    took = (perf_counter() - began) * 1000
    return took, hit is not None


def _plain(asked: Any) -> float:
    from django.db import connection

    distance = "vector::halfvec(384) <=> %s::halfvec(384)"
    sql = f"SELECT answer_id, {distance} FROM chat_savedquestion WHERE embedding_model_id = {_model()}"
    began = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY {distance} LIMIT 1", [_literal(asked)] * 2)
        assert cursor.fetchone()
    return (perf_counter() - began) * 1000


def _model() -> int:
    from knowledge.models import EmbeddingModel

    return int(EmbeddingModel.objects.values_list("pk", flat=True).get())


def _literal(vector: Any) -> str:
    return f"[{','.join(f'{value:.5f}' for value in vector)}]"


def _fill(size: int) -> Any:
    """So many answers of one question and one source each, in some scopes. Returns their vectors."""
    from chat.answer_cache import nearest
    from chat.models import SavedAnswer
    from knowledge.models import Chunk, EmbeddingModel
    from tests.factories import article

    SavedAnswer.objects.all().delete()
    article(f"Settings {size}", "Open Settings.", is_embedded=False)
    chunk = Chunk.objects.select_related("version").latest("pk")
    model, _ = EmbeddingModel.objects.get_or_create(name="a model", dimensions=DIMENSIONS)
    vectors = np.random.default_rng(size).normal(size=(size, DIMENSIONS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    _learn(model)
    for start in range(0, size, A_PACK):
        _keep(vectors[start : start + A_PACK], start, chunk, model)
    nearest.create_index(model)
    return vectors


def _keep(vectors: Any, start: int, chunk: Any, model: Any) -> None:
    from django.utils import timezone

    from chat.answer_cache.alike import analyse
    from chat.answer_cache.scope import scope_of
    from chat.context import Turn
    from chat.leaning import telling_words
    from chat.models import SavedAnswer, SavedQuestion, SavedSource
    from chat.versions.states import live_version
    from knowledge.access import Viewer

    later, version = timezone.now() + timedelta(days=1), chunk.version
    texts = [f"How do I change the setting {number}?" for number in range(TEXTS)]
    read = {text: (sorted(telling_words(text)), analyse(text).as_json()) for text in texts}
    scope = scope_of(Turn(texts[0], Viewer(visitor="v"), live_version()), texts[0])
    ends = {"state": "served", "found": [chunk.pk], "refresh_at": later, "expires_at": later}
    named = {"language": scope.language, "assistant": scope.assistant, "text": "Open it. [1]"}
    answers, questions, sources = [], [], []
    for number, vector in enumerate(vectors, start=start):
        text = texts[number % TEXTS]
        words, signature = read[text]
        readable = scope.readable if number % SCOPES == 0 else f"others {number % SCOPES}"
        answer = SavedAnswer(question=text, readable=readable, **named, **ends)
        asked = {"words": words, "signature": signature, "embedding_model": model, "vector": vector}
        answers.append(answer)
        questions.append(SavedQuestion(answer=answer, key=str(number), text=text, asker=str(number), **asked))
        of = {"document_id": version.document_id, "version": version, "chunk": chunk}
        sources.append(SavedSource(answer=answer, number=1, **of))
    SavedAnswer.objects.bulk_create(answers)
    SavedQuestion.objects.bulk_create(questions)
    SavedSource.objects.bulk_create(sources)


def _learn(model: Any) -> None:
    """What would be learned from a long day: everything that nothing forbids is served."""
    from chat.answer_cache import learning
    from chat.answer_cache.acceptance import FEATURES, Acceptance
    from chat.assistant import SavedAnswers
    from chat.models import SavedAcceptance
    from tests.chat.turns import live_version

    live_version(saved_answers=SavedAnswers(when="alike"))
    learned = Acceptance(np.zeros(FEATURES), 1.0, 0.01, 1_000, 1.0)
    SavedAcceptance.objects.update_or_create(embedding_model=model, defaults={"learned": learned.as_json()})
    learning.forget()


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    with own_database():
        from django.conf import settings

        settings.CHAT_SAVED_SECONDS = 60  # a slow one is to be seen, not missed
        print(json.dumps({str(size): measure(size) for size in sizes}, indent=2))


if __name__ == "__main__":
    main()
