"""PDF: the text with its pages. Which lines belong together is worked out in knowledge/layout.py."""

from __future__ import annotations

import logging
import re
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from knowledge.errors import Rejected
from knowledge.layout import read_lines
from knowledge.limits import check_characters, check_pages
from knowledge.lines import Line, lines_of
from knowledge.parsed import ParsedDocument

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

EXTENSIONS = (".pdf",)

_catalog = re.compile(rb"(\d+) (\d+) obj\s*<<[^>]*?/Type\s*/Catalog")
_made_by_a_program = re.compile(r"untitled|^\(|\.\w{2,4}$|^microsoft \w+ - ", re.IGNORECASE)


def fits(content: bytes) -> bool:
    """Begins as a PDF, and does not end as a zip archive as well."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-") and not zipfile.is_zipfile(BytesIO(content))


def parse(file: BinaryIO) -> ParsedDocument:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it could not read is said in the notes
    content = file.read()
    try:
        reader, repaired = _open(content), False
    except Rejected:
        raise
    except Exception:  # whatever pypdf meets in a damaged file
        reader, repaired = _open_repaired(content), True
    parsed = _read_pages(reader)
    return parsed.with_note("The file is damaged; what could be repaired was read.") if repaired else parsed


def _open(content: bytes) -> PdfReader:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    reader = PdfReader(BytesIO(content), strict=False)
    try:
        is_locked = reader.is_encrypted and not reader.decrypt("")
    except DependencyError:
        is_locked = True
    if is_locked:
        raise Rejected("encrypted", "This PDF is protected by a password. Save a copy without it and upload that.")
    check_pages(len(reader.pages))
    return reader


def _open_repaired(content: bytes) -> PdfReader:
    """Open it by the objects that are there: a trailer of our own points at its catalog, the rest is searched for."""
    found = _catalog.findall(content)
    trailer = b"\ntrailer\n<< /Root %s %s R >>\n" % found[-1] if found else b"\n"
    try:
        return _open(content + trailer + b"startxref\n1\n%%EOF\n")
    except Rejected:
        raise
    except Exception as error:
        raise Rejected("damaged", "This PDF is damaged and could not be repaired. Export it again.") from error


def _read_pages(reader: PdfReader) -> ParsedDocument:
    pages: list[list[Line]] = []
    unreadable = characters = 0
    for number, page in enumerate(reader.pages, 1):
        try:
            pages.append(lines_of(*_pieces(page), page=number))
        except Exception:  # one broken page is no reason to lose the others
            unreadable += 1
            pages.append([])
        characters += sum(len(line.text) for line in pages[-1])
        check_characters(characters)
    parsed = read_lines(pages)
    if not parsed.blocks:
        raise _without_text(unreadable)
    return replace(parsed, title=parsed.title or _own_title(reader), notes=_notes(pages, unreadable))


def _without_text(unreadable: int) -> Rejected:
    if unreadable:
        return Rejected("damaged", "No page of this PDF can be read. Export it again.")
    return Rejected("no_text", "This PDF holds only pictures of text: it needs OCR before it is uploaded.")


def _pieces(page: PageObject) -> tuple[list[Any], float, float]:
    """What pypdf reads on a page: pieces of text with place, size and weight, and where the page begins and ends."""
    pieces: list[tuple[str, float, float, float, bool]] = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            scale = abs(tm[3] * cm[3]) or abs(tm[1] * cm[1]) or 1.0
            weight = str((font or {}).get("/BaseFont", "")).lower()
            pieces.append((text, x, y, size * scale, "bold" in weight or "black" in weight))

    page.extract_text(visitor_text=visit)
    return pieces, float(page.mediabox.bottom), float(page.mediabox.top)


def _own_title(reader: PdfReader) -> str:
    title = str((reader.metadata and reader.metadata.title) or "").strip()
    return "" if _made_by_a_program.search(title) else title


def _notes(pages: list[list[Line]], unreadable: int) -> tuple[str, ...]:
    empty = sum(not lines for lines in pages) - unreadable
    notes = []
    if empty:
        notes.append(f"{empty} of {len(pages)} pages hold no text; if they are scans, they need OCR.")
    if unreadable:
        notes.append(f"{unreadable} of {len(pages)} pages could not be read.")
    return tuple(notes)
