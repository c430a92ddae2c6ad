"""`make bench-search DATA=file.json`: how well and how fast search finds what questions ask for.

The file holds {"documents": [{id, title, text}], "questions": [{id, question, document_id}]}; without one, the sample
help centre and its golden questions are measured. Documents go the whole way of an upload into a database of this run,
which is dropped at the end. A document's rank is the rank of its first passage.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests import services  # noqa: F401  (starts Postgres, Redis and the stand-in)

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2  # as many as `make run` starts
PASSAGES = 30  # enough for ten documents, with at most two passages of each before the spare ones
SAMPLE = ("help-centre", "customer-guides", "staff-handbook")


@dataclass(frozen=True)
class File:
    id: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Question:
    text: str
    wanted: frozenset[str]  # ids of the documents that answer it


@dataclass(frozen=True)
class Ingested:
    """Which document in the library holds each file, and what the way there took."""

    documents: dict[str, Any]
    seconds: float
    embedding_share: float


@contextmanager
def own_database() -> Iterator[None]:
    """A fresh database and folder for files, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "app.settings", "VAR_DIR": folder, "LOG_LEVEL": "ERROR"}
        import django

        django.setup()
        from django.db import connection

        connection.settings_dict["TEST"]["NAME"] = f"bench_search_{os.getpid()}"
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def read_data(path: Path) -> tuple[list[File], list[Question]]:
    data = json.loads(path.read_text(encoding="utf-8"))
    files = [
        File(str(row["id"]), f"{row['id']}/document.md", _as_markdown(row["title"], row["text"]))
        for row in data["documents"]
    ]
    questions = [Question(row["question"], frozenset({str(row["document_id"])})) for row in data["questions"]]
    return files, questions


def read_sample() -> tuple[list[File], list[Question]]:
    paths = [path for folder in SAMPLE for path in sorted((ROOT / "sample" / folder).rglob("*")) if path.is_file()]
    files = [File(path.name, path.name, path.read_bytes()) for path in paths]
    lines = (ROOT / "evals" / "golden" / "support.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    questions = [Question(row["question"], frozenset(row.get("expected_sources", ()))) for row in rows]
    return files, [question for question in questions if question.wanted]


def _as_markdown(title: str, text: str) -> bytes:
    return (f"# {title}\n\n{text}\n" if title else f"{text}\n").encode()


def ingest(files: Sequence[File]) -> Ingested:
    """Every file the whole way: received, extracted, cut, embedded, published; as many at once as `make run` does."""
    from tqdm import tqdm

    from knowledge.models import Collection
    from llm.models import Call

    shelf = Collection.objects.create(name="Benchmark")
    begun = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as pool:
        done = pool.map(lambda file: (file.id, _ingest_one(file, shelf)), files)
        documents = dict(tqdm(done, total=len(files), desc="documents", mininterval=2))
    seconds = time.monotonic() - begun
    embedding = sum(Call.objects.filter(purpose="ingest").values_list("duration_ms", flat=True)) / 1000
    return Ingested(documents, seconds, embedding / (seconds * WORKERS))


def _ingest_one(file: File, shelf: Any) -> Any:
    from django.db import connection

    from knowledge.ingest import ingest_version, receive

    try:
        version = receive(file.name, file.content, collection=shelf).version
        ingest_version(version.pk)
        version.refresh_from_db()
        if version.state != "ready":
            raise SystemExit(f"{file.name}: {version.state} {version.failure_detail}")
        return version.document_id
    finally:
        connection.close()


async def ask(questions: Sequence[Question], *, limit: int | None = None) -> tuple[list[list[Any]], list[float]]:
    """The documents that each question finds, best first, and the milliseconds of each search."""
    from tqdm import tqdm

    from knowledge.access import Audience, Viewer
    from knowledge.search import search

    viewer = Viewer(audiences=frozenset(Audience))
    found, times = [], []
    for question in tqdm(questions[:limit], desc="questions", mininterval=2):
        begun = time.perf_counter()
        result = await search(question.text, viewer=viewer, top_k=PASSAGES)
        times.append((time.perf_counter() - begun) * 1000)
        if result.limited:
            raise SystemExit(f"Search was limited: {result.limited}")
        found.append(list(dict.fromkeys(passage.document_id for passage in result.passages)))
    return found, times


async def ask_with_known_vectors(questions: Sequence[Question], vectors: Any) -> list[float]:
    """The milliseconds of each search when the question's vector costs nothing."""
    import llm

    rows = {question.text: row for question, row in zip(questions, vectors.rows, strict=True)}

    async def known(texts: Sequence[str], *, purpose: str) -> llm.Vectors:
        return llm.Vectors(vectors.model, rows[texts[0]][None, :])

    with patch("llm.embed", known):
        return (await ask(questions))[1]


def quality(ranks: Sequence[int | None]) -> dict[str, float]:
    """Recall, mean reciprocal rank and nDCG of ranks counted from 0; each question wants one document."""
    count = len(ranks)
    near = [rank for rank in ranks if rank is not None and rank < 10]
    figures = {f"recall@{k}": sum(rank < k for rank in near) / count for k in (1, 3, 5, 10)}
    figures["mrr@10"] = sum(1 / (rank + 1) for rank in near) / count
    figures["ndcg@10"] = sum(1 / log2(rank + 2) for rank in near) / count
    return {name: round(figure, 4) for name, figure in figures.items()}


def baselines(files: Sequence[File], questions: Sequence[Question], ingested: Ingested, asked: Any) -> dict[str, Any]:
    """The same questions asked of others."""
    import numpy as np

    from knowledge.models import Embedding
    from tests.benchmarks.baselines import fused, ranks, vectors_alone, words_alone

    number = {file.id: index for index, file in enumerate(files)}
    wanted = [frozenset(number[id] for id in question.wanted) for question in questions]
    texts = [_text_of(ingested.documents[file.id]) for file in files]
    numbers_of = {document: number[id] for id, document in ingested.documents.items()}
    rows = Embedding.objects.values_list("chunk__version__document_id", "vector").iterator()
    pairs = [(numbers_of[document], vector) for document, vector in rows]
    vectors = np.array([vector for _, vector in pairs], np.float32)
    words = words_alone(texts, [question.text for question in questions])
    meaning = vectors_alone(vectors, np.array([document for document, _ in pairs]), asked.rows, len(files))
    scores = {"bm25s": words, "vectors": meaning, "min-max fusion": fused(words, meaning)}
    return {name: quality(ranks(score, wanted)) for name, score in scores.items()}


def _text_of(document_id: Any) -> str:
    from knowledge.models import Document

    document = Document.objects.select_related("live_version").get(pk=document_id)
    return f"{document.title}\n{document.live_version.text}" if document.live_version else ""


def rank_of(question: Question, found: Sequence[Any], ingested: Ingested) -> int | None:
    wanted = {ingested.documents[id] for id in question.wanted}
    return next((rank for rank, document in enumerate(found) if document in wanted), None)


def percentile(values: Sequence[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)


def measure(files: Sequence[File], questions: Sequence[Question]) -> tuple[dict[str, float], dict[str, Any]]:
    from asgiref.sync import async_to_sync

    import llm

    ingested = ingest(files)
    asked = async_to_sync(llm.embed)([question.text for question in questions], purpose="benchmark")
    asyncio.run(ask(questions, limit=20))  # what is read or compiled once
    found, times = asyncio.run(ask(questions))
    known = asyncio.run(ask_with_known_vectors(questions, asked))
    figures = quality([rank_of(q, row, ingested) for q, row in zip(questions, found, strict=True)]) | {
        "search_p50_ms": percentile(times, 0.5),
        "search_p95_ms": percentile(times, 0.95),
        "search_p50_ms_without_embedding": percentile(known, 0.5),
        "search_p95_ms_without_embedding": percentile(known, 0.95),
        "documents_per_second": round(len(files) / ingested.seconds, 2),
        "embedding_share_of_ingestion": round(ingested.embedding_share, 3),
        "documents": len(files),
        "questions": len(questions),
    }
    return figures, baselines(files, questions, ingested, asked)


def print_table(figures: dict[str, float], others: dict[str, Any]) -> None:
    names = ["recall@1", "recall@3", "recall@5", "recall@10", "mrr@10", "ndcg@10"]
    print(" " * 18, *(f"{name:>10}" for name in names))
    for label, row in {"Frontdesk": figures, **others}.items():
        print(f"{label:<18}", *(f"{row[name]:>10.3f}" for name in names))
    print()
    for name, figure in figures.items():
        if name not in names:
            print(f"{name:<34} {figure:>10}")


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    files, questions = read_data(path) if path else read_sample()
    print(f"{len(files)} documents, {len(questions)} questions of {path.name if path else 'the sample'}\n")
    with own_database():
        figures, others = measure(files, questions)
    print_table(figures, others)
    flat = {f"{label}_{name}".replace(" ", "_"): value for label, row in others.items() for name, value in row.items()}
    out = ROOT / "var" / "bench" / "search.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures | flat, indent=2) + "\n")


if __name__ == "__main__":
    main()
