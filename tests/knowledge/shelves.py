"""Documents put straight on the shelf, without a file: for tests of what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from knowledge.access import Audience, Viewer
from knowledge.embeddings import embed_chunks
from knowledge.models import Chunk, Collection, Document, DocumentVersion
from knowledge.words import analyse, full_heading

VISITOR = Viewer(visitor="v1")
CUSTOMER = Viewer(user_id=1, audiences=frozenset({Audience.PUBLIC, Audience.CUSTOMERS}))
STAFF = Viewer(user_id=2, audiences=frozenset(Audience), is_staff=True)

_numbers = count(1)


def shelve(
    *texts: str,
    title: str = "",
    heading: str = "",
    language: str = "en",
    audience: str = "public",
    embedded: bool = True,
) -> Document:
    """A live document whose chunks are these texts."""
    collection, _ = Collection.objects.get_or_create(name=f"For {audience}", audience=audience)
    title = title or f"Document {next(_numbers)}"
    document = Document.objects.create(collection=collection, name=f"{title}.md", title=title)
    add_version(document, texts, heading=heading, language=language, embedded=embedded)
    return document


def add_version(
    document: Document,
    texts: Sequence[str],
    *,
    heading: str = "",
    language: str = "en",
    embedded: bool = True,
    live: bool = True,
) -> DocumentVersion:
    version = DocumentVersion.objects.create(
        document=document,
        number=document.versions.count() + 1,
        file="none",
        sha256="",
        size=0,
        format="markdown",
        state=DocumentVersion.State.READY,
        language=language,
        chunks_total=len(texts),
    )
    chunks = Chunk.objects.bulk_create(_chunk(version, number, text, heading) for number, text in enumerate(texts))
    if embedded:
        embed_chunks(chunks)
    if live:
        document.live_version = version
        document.save()
    return version


def _chunk(version: DocumentVersion, ordinal: int, text: str, heading: str) -> Chunk:
    words = analyse(text, version.language, heading=full_heading(version.document.title, heading))
    return Chunk(
        version=version,
        ordinal=ordinal,
        heading=heading,
        text=text,
        start=0,
        end=len(text),
        words=words.vector,
        length=words.length,
    )
