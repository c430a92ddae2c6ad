"""A document to pieces of about the same length, cut where its headings, lists and paragraphs end.

Sections are never mixed but when they are tiny: a help article of a few short sections is one or two pieces,
since each alone would say too little to be found.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from math import ceil

from semantic_text_splitter import TextSplitter

from knowledge.parsed import ParsedDocument
from knowledge.words import UNSPACED

HEADING_JOINT = " › "
LONGEST_HEADING = 500  # characters
TINY = 0.5  # of a piece: a section below it may share a piece with sections under other top headings
UNSPACED_CHARACTER = 0.6  # words: 300 characters of Chinese say about what 180 English words do
SPARSE_TEXT = 10  # characters that count as a word where there are no words: rulers, dots, base64

_word = re.compile(rf"[^\W{UNSPACED}]{{1,20}}")
_unspaced = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True)
class Piece:
    """What becomes a chunk: `text` is the document's text from `start` to `end`."""

    heading: str
    text: str
    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True)
class _Section:
    path: tuple[str, ...]
    start: int  # of its heading
    body: int  # of what follows the heading
    end: int
    size: float

    @property
    def has_text(self) -> bool:
        return self.body < self.end


def split(parsed: ParsedDocument, *, words: int) -> list[Piece]:
    """The pieces of a document in order, none longer than about `words` words."""
    pages = [(start, block.page) for start, block in parsed.placed()]
    return [
        piece
        for sections in _merge_tiny(list(_sections(parsed)), words)
        for piece in _cut(sections, parsed.text, words, pages)
    ]


def size_of(text: str) -> float:
    """How long a text is, in words; characters of scripts without spaces count as a part of one."""
    in_words = len(_word.findall(text)) + UNSPACED_CHARACTER * len(_unspaced.findall(text))
    return max(in_words, len(text) / SPARSE_TEXT)


def _sections(parsed: ParsedDocument) -> Iterator[_Section]:
    """Each heading with the blocks up to the next one. A heading that only holds others is in their paths already."""
    open_section: _Section | None = None
    for start, block in parsed.placed():
        end = start + len(block.text)
        if open_section is None or block.is_heading or block.headings != open_section.path:
            if open_section and (open_section.has_text or block.headings[: len(open_section.path)] != open_section.path):
                yield open_section
            open_section = _Section(block.headings, start, end if block.is_heading else start, end, size_of(block.text))
        else:
            body = start if not open_section.has_text else open_section.body
            size = open_section.size + size_of(block.text)
            open_section = _Section(open_section.path, open_section.start, body, end, size)
    if open_section:
        yield open_section


def _merge_tiny(sections: list[_Section], words: int) -> Iterator[list[_Section]]:
    """Neighbours together while they fit into one piece, over a top heading only when all of them are tiny."""
    if sum(section.size for section in sections) <= words:
        yield sections
        return
    group: list[_Section] = []
    for section in sections:
        if group and not _belong_together([*group, section], words):
            yield group
            group = []
        group.append(section)
    yield group


def _belong_together(sections: list[_Section], words: int) -> bool:
    fits = sum(section.size for section in sections) <= words
    same_top = len({section.path[:1] for section in sections}) == 1
    return fits and (same_top or all(section.size <= TINY * words for section in sections))


def _cut(
    sections: list[_Section], text: str, words: int, pages: list[tuple[int, int | None]]
) -> Iterator[Piece]:
    """One piece when it fits, else pieces of about equal length, cut at paragraphs, items, rows or sentences."""
    if not sections:
        return
    path = _common_path(sections)
    first = sections[0]
    start = first.body if first.path == path and first.has_text else first.start
    part = text[start : sections[-1].end]
    size = size_of(part)
    target = ceil(size / ceil(size / words)) if size else 1
    splitter = TextSplitter.from_callback(lambda piece: ceil(size_of(piece)), (target, max(target, words)))
    heading = HEADING_JOINT.join(path)[:LONGEST_HEADING]
    for offset, piece in splitter.chunk_indices(part):
        at = start + offset
        page = pages[bisect_right(pages, at, key=lambda placed: placed[0]) - 1][1]
        yield Piece(heading, piece, at, at + len(piece), page)


def _common_path(sections: list[_Section]) -> tuple[str, ...]:
    levels = zip(*(section.path for section in sections), strict=False)
    return tuple(names[0] for names in takewhile(lambda names: len(set(names)) == 1, levels))
