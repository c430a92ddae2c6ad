"""What staff see of the library: documents by filter, and one document with its versions and chunks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db.models import Count, OuterRef, Q, Subquery

from knowledge.access import Viewer
from knowledge.errors import Rejected
from knowledge.models import Chunk, Collection, Document, DocumentVersion
from knowledge.receiving import receive

State = DocumentVersion.State
UNDER_WAY = [state.value for state in State if state not in DocumentVersion.END_STATES]
STATES = {"under_way": UNDER_WAY, "ready": [State.READY.value], "failed": [State.FAILED.value]}
STATE_NAMES = {"": "All", "under_way": "Under way", "ready": "Ready", "failed": "Failed"}
CHUNKS_ON_A_PAGE = 30


@dataclass(frozen=True)
class Outcome:
    """What became of one uploaded file: its version, or the words why there is none."""

    name: str
    version: DocumentVersion | None = None
    is_duplicate: bool = False
    problem: Rejected | None = None


def documents_for(viewer: Viewer, *, collection: int | None = None, name: str = "") -> Any:
    """The documents that the viewer may read, each with its newest version's state, filtered."""
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
    documents = Document.objects.visible_to(viewer).annotate(state=Subquery(newest.values("state")[:1]))
    if collection:
        documents = documents.filter(collection=collection)
    if name:
        documents = documents.filter(Q(title__icontains=name) | Q(name__icontains=name))
    return documents


def in_state(documents: Any, state: str) -> Any:
    return documents.filter(state__in=STATES[state]) if state in STATES else documents


def count_states(documents: Any) -> dict[str, int]:
    """How many documents stand behind each link of the filter."""
    held = dict(documents.order_by().values_list("state").annotate(Count("pk")))
    by_filter = {key: sum(held.get(state, 0) for state in states) for key, states in STATES.items()}
    return {"": sum(held.values()), **by_filter}


def receive_all(files: Iterable[File[bytes]], *, collection: Collection, uploaded_by: int | None) -> list[Outcome]:
    """Take each file by itself: a bad one does not stop the others."""
    return [receive_one(file, collection=collection, uploaded_by=uploaded_by) for file in files]


def receive_one(
    file: File[bytes], *, collection: Collection, uploaded_by: int | None, document: Document | None = None
) -> Outcome:
    name = file.name or ""
    try:
        received = receive(name, file, collection=collection, uploaded_by=uploaded_by, document=document)
    except Rejected as problem:
        return Outcome(name, problem=problem)
    return Outcome(name, received.version, received.is_duplicate)


def version_shown(document: Document, number: int | None) -> DocumentVersion | None:
    """The version asked for, else the live one, else the newest. None when there is no such version."""
    versions = list(document.versions.all())
    if number:
        return next((version for version in versions if version.number == number), None)
    live = (version for version in versions if version.pk == document.live_version_id)
    return next(live, versions[0] if versions else None)


def page_of(chunk: Chunk) -> int:
    """On which page of its version's chunks a chunk stands."""
    return chunk.ordinal // CHUNKS_ON_A_PAGE + 1
