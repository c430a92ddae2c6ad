"""Rows for tests that do not want the whole way of an upload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.utils import timezone

from knowledge.access import Audience
from knowledge.embeddings import complete, current_model, embed_chunks
from knowledge.models import Chunk, Collection, Document, DocumentVersion
from knowledge.words import analyse

CLOSING = (
    "To close your online account, open Settings and choose Close account. An open application is withdrawn first."
)
LATE_FEE = (
    "A late fee of $35 is charged when a payment arrives after the 15th of the month. It can be waived once a year."
)
ESCROW = "Your escrow account pays property taxes and insurance. We review it every May and send you a statement."


def article(
    title: str, text: str, *, audience: Audience = Audience.PUBLIC, language: str = "en", is_embedded: bool = True
) -> Document:
    """A document of one chunk that search finds, with a real vector unless the test never asks for one."""
    collection, _ = Collection.objects.get_or_create(name=f"For {audience}", defaults={"audience": audience.value})
    document = Document.objects.create(collection=collection, name=f"{title}.md", title=title)
    version = DocumentVersion.objects.create(
        document=document,
        number=1,
        file="unused.md",
        sha256=title.encode().hex()[:64].ljust(64, "0"),
        size=len(text),
        format="markdown",
        state=DocumentVersion.State.READY,
        language=language,
        text=text,
        chunks_done=1,
        chunks_total=1,
        ready_at=timezone.now(),
    )
    words = analyse(text, language, heading=title)
    chunk = Chunk.objects.create(
        version=version, ordinal=0, text=text, start=0, end=len(text), words=words.vector, length=words.length
    )
    document.live_version = version
    document.save(update_fields=["live_version"])
    if is_embedded:
        embed([chunk])
    return document


def embed(chunks: Sequence[Chunk]) -> None:
    """Give chunks their vectors, in one call."""
    outside_of_a_loop(embed_chunks, chunks)
    if model := current_model():
        complete(model)


def outside_of_a_loop(work: Callable[..., object], *args: object) -> None:
    """Playwright keeps a loop running in the test's thread, beside which sync code cannot call async code."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        work(*args)
        return
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_and_close, work, *args).result()


def _and_close(work: Callable[..., object], *args: object) -> None:
    try:
        work(*args)
    finally:
        connection.close()


def help_centre() -> list[Document]:
    """Three public articles."""
    texts = {"Closing your account": CLOSING, "Late fees": LATE_FEE, "Your escrow account": ESCROW}
    documents = [article(title, text, is_embedded=False) for title, text in texts.items()]
    embed(list(Chunk.objects.filter(version__document__in=documents)))
    return documents
