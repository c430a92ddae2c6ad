"""Markdown: rendered to HTML and read as that, so that lists, tables and raw HTML mean one thing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import BinaryIO

from knowledge.decoding import decode
from knowledge.parsed import ParsedDocument
from knowledge.parsers.html import read_html
from knowledge.parsers.text import fits

__all__ = ["EXTENSIONS", "fits", "parse"]

EXTENSIONS = (".md", ".markdown")

_front_matter = re.compile(r"\A---[^\S\n]*\n(.*?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_entry = re.compile(r"^([A-Za-z_]+)[^\S\n]*:[^\S\n]*(.*?)[^\S\n]*$", re.MULTILINE)


def parse(file: BinaryIO) -> ParsedDocument:
    from markdown_it import MarkdownIt  # here, so that only the child process loads it

    decoded = decode(file.read())
    entries, body = split_front_matter(decoded.text.replace("\r\n", "\n").replace("\r", "\n"))
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(body)
    parsed = read_html(page, title=entries.get("title", ""))
    return replace(parsed, language=entries.get("language", "")[:2].lower(), notes=(*decoded.notes, *parsed.notes))


def split_front_matter(content: str) -> tuple[dict[str, str], str]:
    """The `name: value` lines between `---` at the top, and the rest."""
    found = _front_matter.match(content)
    if not found:
        return {}, content
    entries = {name.lower(): value.strip("\"'") for name, value in _entry.findall(found[1])}
    return entries, content[found.end() :]
