"""The shelf of formats: one file for each, registered here. A parser sees bytes and returns text; it stores nothing.

A file's format is what both its name and its content say. What the browser claims about it is not read.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import BinaryIO, Protocol

from knowledge.errors import Rejected
from knowledge.parsed import ParsedDocument
from knowledge.parsers import html, markdown, pdf, text


class Parser(Protocol):
    """What a module on this shelf has."""

    @property
    def EXTENSIONS(self) -> tuple[str, ...]:  # noqa: N802
        """The endings of names, lower case, the usual one first."""

    def fits(self, content: bytes) -> bool:
        """Whether these bytes can be this format: cheap, and right before anything is stored."""

    def parse(self, file: BinaryIO) -> ParsedDocument:
        """The document's text. Raises `Rejected`. Runs in a limited child process: see knowledge/extraction.py."""


PARSERS: dict[str, Parser] = {
    "markdown": markdown,
    "text": text,
    "html": html,
    "pdf": pdf,
}


def accepted_extensions() -> tuple[str, ...]:
    return tuple(extension for parser in PARSERS.values() for extension in parser.EXTENSIONS)


def format_of(name: str, content: bytes) -> str:
    """The key of `PARSERS` for a file of this name and content. Raises `Rejected`."""
    extension = PurePath(name).suffix.lower()
    for key, parser in PARSERS.items():
        if extension in parser.EXTENSIONS:
            if parser.fits(content):
                return key
            raise Rejected(
                "content_mismatch",
                f"The content does not match {extension}. Save the file in the format that its name says.",
            )
    raise Rejected(
        "unknown_format",
        f"Files ending in “{extension or name}” cannot be read. Upload {', '.join(accepted_extensions())}.",
    )


def parse(file: BinaryIO, file_format: str) -> ParsedDocument:
    """The text of a file of this format (a key of `PARSERS`). Raises `Rejected`."""
    return PARSERS[file_format].parse(file)
