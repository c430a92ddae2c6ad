"""A file comes in: looked at before anything is stored, then a new version of a document, or known already."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max, Q

from knowledge.errors import Rejected
from knowledge.models import Collection, Document, DocumentVersion
from knowledge.parsers import format_of
from llm.cleaning import clean

MEGABYTE = 1024 * 1024
LONGEST_NAME = 255
SAYS_NOTHING = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n\f\v"  # byte order marks and white space, in UTF-16 too


class Readable(Protocol):
    """An uploaded or opened file."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Received:
    """What became of a file: its version, or the one in the library that has the same bytes."""

    version: DocumentVersion
    is_duplicate: bool


def receive(
    name: str,
    data: bytes | Readable,
    *,
    collection: Collection,
    uploaded_by: int | None = None,
    document: Document | None = None,
) -> Received:
    """Store a file as a new version of `document`, else of the collection's document of that name, else of a new one.

    `uploaded_by` is a user's id. Raises `Rejected`, and then nothing is stored. The caller enqueues the version once
    the transaction is through.
    """
    content = _read(data)
    name = _display_name(name)
    file_format = format_of(name, content)
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        Collection.objects.select_for_update().get(pk=collection.pk)  # uploads into a collection take turns
        if known := _version_of_same_bytes(digest, collection):
            return Received(known, is_duplicate=True)
        document = document or _document_named(name, collection)
        version = DocumentVersion(
            id=uuid.uuid4(),
            document=document,
            number=1 + (document.versions.aggregate(last=Max("number"))["last"] or 0),
            sha256=digest,
            size=len(content),
            format=file_format,
            uploaded_by_id=uploaded_by,
        )
        _store(version, content, PurePosixPath(name).suffix.lower())
    return Received(version, is_duplicate=False)


def title_from(name: str) -> str:
    """A title for a file that has none: "late-fees.md" becomes "Late fees"."""
    words = PurePosixPath(name).stem.replace("_", " ").replace("-", " ").split()
    title = " ".join(words) or name
    return title[:1].upper() + title[1:]


def _read(data: bytes | Readable) -> bytes:
    most = settings.KNOWLEDGE_MAX_FILE_MB * MEGABYTE
    content = data if isinstance(data, bytes) else data.read(most + 1)
    if len(content) > most:
        raise Rejected("too_large", f"The file is larger than {settings.KNOWLEDGE_MAX_FILE_MB} MB. Upload it in parts.")
    if not content.strip(SAYS_NOTHING):
        raise Rejected("empty", "The file is empty.")
    return content


def _display_name(name: str) -> str:
    """A name to show, never a place to store: no steps up, no control characters, not too long."""
    parts = clean(name).replace("\\", "/").split("/")
    kept = "/".join(part.strip() for part in parts if part.strip() not in {"", ".", ".."})
    if not kept:
        raise Rejected("no_name", "The file has no name.")
    return kept[-LONGEST_NAME:]


def _version_of_same_bytes(digest: str, collection: Collection) -> DocumentVersion | None:
    """The version with these bytes that is live or on its way there; an old one may be uploaded again."""
    there = DocumentVersion.objects.filter(sha256=digest, document__collection=collection, document__removed_at=None)
    counts = Q(live_for__isnull=False) | ~Q(state__in=DocumentVersion.END_STATES)
    return there.filter(counts).select_related("document").defer("text").first()


def _document_named(name: str, collection: Collection) -> Document:
    there = Document.objects.filter(collection=collection, name=name, removed_at=None).first()
    return there or Document.objects.create(collection=collection, name=name, title=title_from(name))


def _store(version: DocumentVersion, content: bytes, extension: str) -> None:
    try:
        version.file.save(f"{version.id}{extension}", ContentFile(content), save=False)
    except OSError as error:
        raise Rejected("storage", "There is no room to store the file. Tell whoever runs this site.") from error
    try:
        version.save(force_insert=True)
    except BaseException:
        version.file.delete(save=False)
        raise
