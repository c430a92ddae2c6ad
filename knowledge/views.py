"""The library's pages for staff. Each fetches what the viewer may see, calls one function, renders."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from knowledge import downloads, removal, shelf
from knowledge.access import Viewer
from knowledge.errors import Rejected
from knowledge.forms import CollectionForm, ListingForm, ReplaceForm, UploadForm, VersionForm
from knowledge.guards import for_managers
from knowledge.ingest import retry
from knowledge.models import Chunk, Collection, Document, DocumentVersion
from knowledge.parsers import accepted_extensions
from knowledge.reembedding import reembedding_progress
from knowledge.tasks import enqueue

DOCUMENTS_ON_A_PAGE = 50


@require_GET
@for_managers
def documents(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The library: what is in it, where each document stands, and the place to drop files."""
    return _library(request, viewer, UploadForm(viewer), [])


@require_POST
@for_managers
def upload_documents(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Take the files, and say what became of each."""
    form = UploadForm(viewer, request.POST, request.FILES)
    if not form.is_valid():
        return _library(request, viewer, form, [])
    outcomes = shelf.receive_all(
        form.cleaned_data["documents"], collection=form.cleaned_data["collection"], uploaded_by=viewer.user_id
    )
    _enqueue(*outcomes)
    return _library(request, viewer, UploadForm(viewer, initial=form.cleaned_data), outcomes)


@require_GET
@for_managers
def document_row(request: HttpRequest, viewer: Viewer, document_id: uuid.UUID) -> HttpResponse:
    """One row of the library, asked for again while its document is under way."""
    documents = Document.objects.visible_to(viewer).with_versions()
    return render(request, "knowledge/_row.html", {"document": get_object_or_404(documents, pk=document_id)})


@require_GET
@for_managers
def document(request: HttpRequest, viewer: Viewer, document_id: uuid.UUID) -> HttpResponse:
    """A document: its versions, and the chunks of one of them."""
    return _document(request, viewer, document_id, ReplaceForm())


@require_GET
@for_managers
def chunk(_request: HttpRequest, viewer: Viewer, chunk_id: int) -> HttpResponse:
    """A chunk, in its place in its document."""
    found = get_object_or_404(Chunk.objects.visible_to(viewer).select_related("version"), pk=chunk_id)
    address = reverse("document", args=[found.version.document_id])
    return redirect(f"{address}?version={found.version.number}&page={shelf.page_of(found)}#chunk-{found.pk}")


@require_POST
@for_managers
def replace_document(request: HttpRequest, viewer: Viewer, document_id: uuid.UUID) -> HttpResponse:
    """A new version. The one before answers until the new one is ready."""
    found = get_object_or_404(Document.objects.visible_to(viewer).select_related("collection"), pk=document_id)
    form = ReplaceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _document(request, viewer, document_id, form)
    outcome = shelf.receive_one(
        form.cleaned_data["file"], collection=found.collection, uploaded_by=viewer.user_id, document=found
    )
    if outcome.problem:
        form.add_error("file", f"{outcome.problem} ({outcome.problem.code})")
        return _document(request, viewer, document_id, form)
    _enqueue(outcome)
    if outcome.is_duplicate and outcome.version:
        messages.info(request, f"This file is in the library already, as “{outcome.version.document}”.")
    return redirect("document", document_id)


@require_POST
@for_managers
def retry_version(_request: HttpRequest, viewer: Viewer, document_id: uuid.UUID, number: int) -> HttpResponse:
    """Try a failed version again."""
    version = _version(viewer, document_id, number)
    if retry(version):
        enqueue(version.pk)
    return redirect("document", document_id)


@require_POST
@for_managers
def remove_document(request: HttpRequest, viewer: Viewer, document_id: uuid.UUID) -> HttpResponse:
    """Take a document out of every search. For some minutes it can be restored."""
    found = get_object_or_404(Document.objects.visible_to(viewer), pk=document_id)
    removal.remove(found)
    messages.success(request, f"“{found}” was removed. No answer rests on it any more.")
    return redirect("documents")


@require_POST
@for_managers
def restore_document(request: HttpRequest, viewer: Viewer, document_id: uuid.UUID) -> HttpResponse:
    """Undo a removal."""
    found = get_object_or_404(Document.objects.restorable_by(viewer), pk=document_id)
    try:
        removal.restore(found)
        messages.success(request, f"“{found}” is back.")
    except Rejected as problem:
        messages.error(request, f"{problem} ({problem.code})")
    return redirect("documents")


@require_GET
@for_managers
def download_version(_request: HttpRequest, viewer: Viewer, document_id: uuid.UUID, number: int) -> HttpResponse:
    """The file as it was uploaded, to be saved, never to be shown."""
    return downloads.attachment(_version(viewer, document_id, number))


@require_http_methods(["GET", "POST"])
@for_managers
def collections(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All collections, and a form for a new one."""
    form = CollectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"“{form.instance}” was made.")
        return redirect("collections")
    listed = Collection.objects.visible_to(viewer).annotate(count=Count("documents"))
    return render(request, "knowledge/collections.html", {"collections": listed, "form": form})


@require_http_methods(["GET", "POST"])
@for_managers
def collection(request: HttpRequest, viewer: Viewer, collection_id: int) -> HttpResponse:
    """Rename a collection, or change who may read it."""
    found = get_object_or_404(Collection.objects.visible_to(viewer), pk=collection_id)
    form = CollectionForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"“{found}” was saved.")
        return redirect("collections")
    return render(request, "knowledge/collection.html", {"form": form})


def _library(request: HttpRequest, viewer: Viewer, form: UploadForm, outcomes: list[shelf.Outcome]) -> HttpResponse:
    wish = ListingForm(request.GET)
    wish.is_valid()
    chosen = wish.cleaned_data
    found = shelf.documents_for(viewer, collection=chosen.get("collection"), name=chosen.get("name", ""))
    listed = shelf.in_state(found, chosen.get("state", "")).with_versions()
    counts = shelf.count_states(found)
    context: dict[str, Any] = {
        "form": form,
        "outcomes": outcomes,
        "page": Paginator(listed, DOCUMENTS_ON_A_PAGE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "query": urlencode({name: value for name, value in chosen.items() if value}),
        "filters": [(key, name, counts[key]) for key, name in shelf.STATE_NAMES.items()],
        "under_way": counts["under_way"],
        "collections": Collection.objects.visible_to(viewer),
        "removed": Document.objects.restorable_by(viewer),
        "undo_minutes": settings.KNOWLEDGE_UNDO_MINUTES,
        "extensions": accepted_extensions(),
        "most_megabytes": settings.KNOWLEDGE_MAX_FILE_MB,
        "reembedding": reembedding_progress(),
    }
    template = "knowledge/_library.html" if getattr(request, "htmx", False) else "knowledge/documents.html"
    return render(request, template, context)


def _document(request: HttpRequest, viewer: Viewer, document_id: uuid.UUID, form: ReplaceForm) -> HttpResponse:
    found = get_object_or_404(Document.objects.visible_to(viewer).with_versions(), pk=document_id)
    wish = VersionForm(request.GET)
    version = shelf.version_shown(found, wish.cleaned_data["version"] if wish.is_valid() else None)
    if version is None:
        raise Http404
    chunks = Paginator(version.chunks.defer("words"), shelf.CHUNKS_ON_A_PAGE)
    context = {
        "document": found,
        "version": version,
        "page": chunks.get_page(request.GET.get("page")),
        "form": form,
        "undo_minutes": settings.KNOWLEDGE_UNDO_MINUTES,
    }
    template = "knowledge/_document.html" if getattr(request, "htmx", False) else "knowledge/document.html"
    return render(request, template, context)


def _version(viewer: Viewer, document_id: uuid.UUID, number: int) -> DocumentVersion:
    versions = DocumentVersion.objects.visible_to(viewer).select_related("document").defer("text")
    return get_object_or_404(versions, document=document_id, number=number)


def _enqueue(*outcomes: shelf.Outcome) -> None:
    for outcome in outcomes:
        if outcome.version and not outcome.is_duplicate:
            transaction.on_commit(partial(enqueue, outcome.version.pk))
