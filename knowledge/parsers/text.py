"""Plain text: paragraphs between blank lines, under headings that are underlined."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import BinaryIO

from knowledge.decoding import decode, looks_like_text
from knowledge.parsed import Block, Outline, ParsedDocument, ends_sentence

EXTENSIONS = (".txt", ".text")
SIGNATURES_THAT_READ_AS_TEXT = (b"%PDF-", b"{\\rtf", b"%!PS", b"GIF8", b"PK\x03\x04", b"<!doctype html", b"<html")
LONGEST_TITLE = 80  # characters

_blank_lines = re.compile(r"\n(?:[^\S\n]*\n)+")
_ruler = re.compile(r"\s*([=\-~_*#])\1{2,}\s*")
_columns = re.compile(r"\S(?:\s{2,}|\t|\s\|\s)\S")
_item = re.compile(r"\s*(?:[-–—*•]|\d{1,3}[.)])\s")


def fits(content: bytes) -> bool:
    return looks_like_text(content) and not is_another_format(content)


def is_another_format(content: bytes) -> bool:
    """Whether readable bytes are a page, a PDF or another document whose markup is not for reading."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower()
    return start.startswith(tuple(signature.lower() for signature in SIGNATURES_THAT_READ_AS_TEXT))


def parse(file: BinaryIO) -> ParsedDocument:
    decoded = decode(file.read())
    return read_text(decoded.text).with_note(*decoded.notes)


def read_text(content: str) -> ParsedDocument:
    """The paragraphs under their headings. The title is a heading at the top, or a first line that stands alone."""
    parts = _parts(content)
    title, outline, blocks = "", Outline(), list[Block]()
    for number, part in enumerate(parts):
        heading, level, body = _split_heading(part)
        if number == 0 and len(parts) > 1 and not heading and _is_title(body):
            heading, level, body = body.lstrip("# ").strip(), 1, ""
        if number == 0 and heading:
            title = heading
        elif heading:
            path = outline.enter(level, heading)
            blocks.append(Block(f"{'#' * (len(path) + 1)} {heading}", path, is_heading=True))
        if body:
            blocks.append(Block(body, outline.path))
    return ParsedDocument(title=title, blocks=tuple(blocks))


def _parts(content: str) -> list[str]:
    lines = content.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    return [dedent(part.strip("\n")).rstrip() for part in _blank_lines.split(lines) if part.strip()]


def _split_heading(part: str) -> tuple[str, int, str]:
    """A line with a ruler below it, its level, and the rest; the ruler may stand above it as well."""
    lines = part.split("\n")
    if len(lines) > 2 and _ruler.fullmatch(lines[0]) and _ruler.fullmatch(lines[2]):
        del lines[0]
    if len(lines) > 1 and _ruler.fullmatch(lines[1]) and _may_be_heading(lines[0]):
        level = 1 if "=" in lines[1] else 2
        return lines[0].strip(), level, "\n".join(lines[2:]).strip("\n")
    return "", 0, part


def _may_be_heading(line: str) -> bool:
    is_words = any(character.isalpha() for character in line) and not _columns.search(line)
    return is_words and len(line) <= LONGEST_TITLE


def _is_title(part: str) -> bool:
    is_sentence = ends_sentence(part) or part.endswith(",")
    return _may_be_heading(part) and not (is_sentence or "\n" in part or _item.match(part))
