"""Plain text: paragraphs between blank lines."""

from __future__ import annotations

import re
from typing import BinaryIO

from knowledge.decoding import decode, looks_like_text
from knowledge.parsed import Block, ParsedDocument

EXTENSIONS = (".txt", ".text")
SIGNATURES_THAT_READ_AS_TEXT = (b"%PDF-", b"{\\rtf", b"%!PS", b"GIF8", b"PK\x03\x04", b"<!doctype html", b"<html")

_blank_lines = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


def fits(content: bytes) -> bool:
    return looks_like_text(content) and not is_another_format(content)


def is_another_format(content: bytes) -> bool:
    """Whether readable bytes are a page, a PDF or another document whose markup is not for reading."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower()
    return start.startswith(tuple(signature.lower() for signature in SIGNATURES_THAT_READ_AS_TEXT))


def parse(file: BinaryIO) -> ParsedDocument:
    decoded = decode(file.read())
    return ParsedDocument(title="", blocks=tuple(paragraphs(decoded.text)), notes=decoded.notes)


def paragraphs(content: str) -> list[Block]:
    lines = content.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    return [Block(part.strip("\n").rstrip()) for part in _blank_lines.split(lines) if part.strip()]
