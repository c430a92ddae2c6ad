"""A question to the passages that may answer it, found by their words and by their meaning.

Both say how well a passage fits on a scale of its own that ends at 1, so that they are simply added:

- by words, BM25 as a share of the most that any passage could reach for this question: how much of what the question
  says, weighted by what each word tells, the passage says too;
- by meaning, the cosine between the vectors of question and passage.

When the passages share the question's rare words, the first one decides; a question in other words than the passages'
leaves it low for all of them, and the second one does. Scaling each list to its own best and worst would hide which of
the two it is. For a question in a language that the embedding model never learned, meaning only breaks ties.

BM25 and its constants: Robertson, Zaragoza: The Probabilistic Relevance Framework (2009), sections 3.4 and 3.5.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from pgvector import HalfVector

import llm
from knowledge.access import Viewer
from knowledge.embeddings import current_model, distrust, knows_language
from knowledge.languages import likeliest_language
from knowledge.models import EmbeddingModel
from knowledge.words import words_asked
from llm.database import in_database
from llm.errors import LLMError

K1, B = 1.2, 0.75  # BM25's textbook constants
WORDS_ASKED = 64  # a longer question is searched by its longest words, which tend to be its rarest
CANDIDATES = 50  # of each kind; both scores are computed for all of them
KNOWN_LANGUAGE = 1.0  # weight of the meaning, beside 1 for the words
UNKNOWN_LANGUAGE = 0.01  # where the model never learned the question's language, it may only break ties
PASSAGES_OF_A_DOCUMENT = 2  # so that one document cannot crowd out the others
EXACT_BELOW = 20_000  # visible chunks: comparing all of them is quick, and misses none
COMMON_ABOVE = 5_000  # chunks that say a word: looking at each takes longer than the rest of a search
SCAN_SETTINGS = """
    SET LOCAL hnsw.iterative_scan = strict_order;
    SET LOCAL hnsw.ef_search = 100;
    SET LOCAL hnsw.max_scan_tuples = 200000;
"""

# How large a share of the chunks says each of the words; Postgres keeps it for the most common ones.
SHARES = """
    SELECT word, share
    FROM (
        SELECT unnest(most_common_elems::text::text[]) AS word, unnest(most_common_elem_freqs) AS share
        FROM pg_stats
        WHERE schemaname = current_schema() AND tablename = 'knowledge_chunk' AND attname = 'words'
    ) AS common
    WHERE word = ANY(%(terms)s)
"""

# The candidates by meaning, in one of three ways. An expression that is no bare distance keeps the index out of it.
NOT_BY_MEANING = "SELECT NULL::bigint AS chunk_id WHERE false"
BY_MEANING_EXACTLY = """
    SELECT embedding.chunk_id
    FROM visible
    JOIN knowledge_chunk AS chunk ON chunk.version_id = visible.version_id
    JOIN knowledge_embedding AS embedding ON embedding.chunk_id = chunk.id AND embedding.model_id = {model}
    ORDER BY nullif(1 - (embedding.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions})), 'NaN')
             DESC NULLS LAST
    LIMIT %(candidates)s"""
BY_MEANING_WITH_INDEX = """
    SELECT embedding.chunk_id
    FROM knowledge_embedding AS embedding
    JOIN knowledge_chunk AS chunk ON chunk.id = embedding.chunk_id
    JOIN visible ON visible.version_id = chunk.version_id
    WHERE embedding.model_id = {model}
    ORDER BY embedding.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions})
    LIMIT %(candidates)s"""


@dataclass(frozen=True)
class Passage:
    """A chunk that was found. `score` is between 0 and 1, comparable within one search."""

    chunk_id: int
    document_id: uuid.UUID
    version_number: int
    title: str
    heading: str
    page: int | None
    text: str
    score: float

    @property
    def place(self) -> str:
        """Where in the document it stands: "Accounts › Closing · page 3"."""
        page = f"page {self.page}" if self.page else ""
        return " · ".join(part for part in (self.heading, page) if part)


@dataclass(frozen=True)
class Found:
    """The passages, best first, and why only words could be searched: `embedding_unavailable`, `reembedding`, or "".

    `meaning` is the question's vector, for whoever else wants to compare it.
    """

    passages: tuple[Passage, ...]
    limited: str = ""
    meaning: Meaning | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class _Library:
    """What the viewer may read, and the model that knows its meaning."""

    chunks: int
    languages: tuple[str, ...]
    model: EmbeddingModel | None


@dataclass(frozen=True)
class Meaning:
    """A question's vector, made by a model that has embedded the whole library."""

    model: EmbeddingModel
    vector: str  # the literal of a halfvec
    weight: float


async def search(question: str, *, viewer: Viewer, top_k: int | None = None) -> Found:
    """The best passages that the viewer may read, at most `top_k` (KNOWLEDGE_TOP_K when it is not given)."""
    library = await in_database(_library_of, viewer)
    if not library.chunks:
        return Found(())
    language = await asyncio.to_thread(likeliest_language, question, library.languages)
    words = words_asked(question, library.languages, spoken=language)
    meaning, limited = await _meaning_of(question, language, library.model)
    passages = await in_database(_find, words, viewer, library, meaning)
    return Found(_choose(passages, settings.KNOWLEDGE_TOP_K if top_k is None else top_k), limited, meaning)


def _library_of(viewer: Viewer) -> _Library:
    with connection.cursor() as cursor:
        cursor.execute(_sql("library"), {"audiences": _audiences(viewer)})
        by_language = dict(cursor.fetchall())
    return _Library(sum(by_language.values()), tuple(by_language), current_model())


def _audiences(viewer: Viewer) -> list[str]:
    return [audience.value for audience in viewer.audiences]


async def _meaning_of(question: str, language: str, model: EmbeddingModel | None) -> tuple[Meaning | None, str]:
    """The question's vector, or why there is none."""
    if model is None or not model.completed_at:
        return None, "reembedding"
    try:
        vectors = await llm.embed([question], purpose="question")
    except LLMError:
        return None, "embedding_unavailable"
    if (vectors.model, vectors.rows.shape[1]) != (model.name, model.dimensions):
        await in_database(distrust, model)
        return None, "reembedding"
    weight = KNOWN_LANGUAGE if knows_language(model, language) else UNKNOWN_LANGUAGE
    return Meaning(model, HalfVector(vectors.rows[0]).to_text(), weight), ""


def _find(words: list[tuple[str, ...]], viewer: Viewer, library: _Library, meaning: Meaning | None) -> list[Passage]:
    longest = sorted(words, key=lambda stems: len(stems[0]), reverse=True)[:WORDS_ASKED]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SCAN_SETTINGS)
        common = _common(longest, library)
        values: dict[str, Any] = {
            "words": [number for number, stems in enumerate(longest) for _ in stems],
            "terms": [stem for stems in longest for stem in stems],
            "common": [common[number] for number, stems in enumerate(longest) for _ in stems],
            "audiences": _audiences(viewer),
            "chunks": library.chunks,
            "vector": meaning and meaning.vector,
            "weight": meaning.weight if meaning else 0,
            "candidates": CANDIDATES,
            "k1": K1,
            "b": B,
        }
        cursor.execute(_statement(library, meaning), values)
        return [Passage(*row) for row in cursor.fetchall()]


def _common(words: list[tuple[str, ...]], library: _Library) -> list[int | None]:
    """For each word how many chunks say it, as Postgres last estimated, if these are too many to look at every one.

    Such a word tells little: it counts in the score of a passage, but passages are found by the others. The rarest
    word is always looked up.
    """
    if library.chunks < EXACT_BELOW or not words:
        return [None] * len(words)
    with connection.cursor() as cursor:
        cursor.execute(SHARES, {"terms": [stem for stems in words for stem in stems]})
        shares = dict(cursor.fetchall())
    counts = [int(max(shares.get(stem, 0) for stem in stems) * library.chunks) for stems in words]
    limit = max(COMMON_ABOVE, min(counts))
    return [count if count > limit else None for count in counts]


def _statement(library: _Library, meaning: Meaning | None) -> str:
    """The statement with the model's id in it: only so does Postgres see that the model's index may be used."""
    model, dimensions = (meaning.model.pk, meaning.model.dimensions) if meaning else (0, 1)
    exactly = BY_MEANING_EXACTLY if library.chunks < EXACT_BELOW else BY_MEANING_WITH_INDEX
    by_meaning = exactly if meaning else NOT_BY_MEANING
    numbers = {"model": int(model), "dimensions": int(dimensions)}
    return _sql("search").format(by_meaning=by_meaning.format(**numbers), **numbers)


@cache
def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


def _choose(passages: list[Passage], top_k: int) -> tuple[Passage, ...]:
    """The best ones: each text once, and more than two of one document only where others are lacking."""
    chosen: list[Passage] = []
    spare: list[Passage] = []
    texts: set[str] = set()
    of_document: Counter[uuid.UUID] = Counter()
    for passage in passages:
        if passage.text in texts:
            continue
        texts.add(passage.text)
        of_document[passage.document_id] += 1
        has_room = of_document[passage.document_id] <= PASSAGES_OF_A_DOCUMENT
        (chosen if has_room else spare).append(passage)
    return tuple(sorted([*chosen, *spare][:top_k], key=lambda passage: -passage.score))
