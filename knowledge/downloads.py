"""An uploaded file on its way back: saved by the browser, never shown or run by it."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from knowledge.models import DocumentVersion


def attachment(version: DocumentVersion) -> HttpResponse:
    """The original bytes under the document's name, with headers that leave a browser nothing to do but to save."""
    try:
        with version.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise Http404 from None
    name = PurePosixPath(version.document.name).stem + PurePosixPath(version.file.name or "").suffix
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
