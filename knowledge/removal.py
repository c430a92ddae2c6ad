"""A document goes: hidden at once, brought back on request for some minutes, then gone with all that it had."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from knowledge.errors import Rejected
from knowledge.models import Chunk, Document


def remove(document: Document) -> None:
    """Take the document out of every search at once. Work on its versions stops at its next step."""
    Document.objects.filter(pk=document.pk, removed_at=None).update(removed_at=Now())


def restore(document: Document) -> None:
    """Undo `remove` while the document is still there. Raises `Rejected` when its name was taken meanwhile."""
    try:
        with transaction.atomic():
            Document.objects.filter(pk=document.pk).update(removed_at=None)
    except IntegrityError:
        raise Rejected("name_taken", f"There is a new document named “{document.name}” by now.") from None


def purge() -> int:
    """Delete what was removed longer ago than it can be restored: files first, then rows. Returns how many documents.

    Chunks of versions that are no longer live go as well: nobody reads them, and answers keep their own copies.
    """
    grace = timedelta(minutes=settings.KNOWLEDGE_UNDO_MINUTES)
    gone = list(Document.objects.filter(removed_at__lte=Now() - grace))
    for document in gone:
        _delete(document)
    superseded = Chunk.objects.filter(
        version__number__lt=F("version__document__live_version__number"),
        version__document__live_version__ready_at__lte=Now() - grace,
    )
    superseded.delete()
    return len(gone)


def _delete(document: Document) -> None:
    for version in document.versions.defer("text"):
        version.file.storage.delete(version.file.name or "")
    document.delete()
