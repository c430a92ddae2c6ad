"""A document to pieces of about the same length, cut where its headings, lists and paragraphs end.

The sections of a short article are packed together, since a section of two sentences alone says too little to
be found. In a long document pieces keep to their top heading, tiny sections aside.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from math import ceil
from operator import itemgetter

from semantic_text_splitter import TextSplitter

from knowledge.parsed import BETWEEN_BLOCKS, ParsedDocument
from knowledge.words import UNSPACED

HEADING_JOINT = " › "
LONGEST_HEADING = 500  # characters
SHORT = 3  # pieces: the sections of a document up to this length are packed whatever their headings
TINY = 0.5  # of a piece: in a longer one, sections below it may share a piece under different top headings
ROOM = 1.1  # of a piece: how long packed sections may be, so that no last sentence stands alone
CRUMB = 0.25  # of a piece: a part up to this length joins its neighbour where both fit into one
WINDOW = 50_000  # characters that the splitter sees at once: its time grows with the square of one endless word
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
        for sections in _pack(list(_sections(parsed)), words)
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
            if open_section and (
                open_section.has_text or block.headings[: len(open_section.path)] != open_section.path
            ):
                yield open_section
            open_section = _Section(block.headings, start, end if block.is_heading else start, end, size_of(block.text))
        else:
            body = start if not open_section.has_text else open_section.body
            size = open_section.size + size_of(block.text)
            open_section = _Section(open_section.path, open_section.start, body, end, size)
    if open_section:
        yield open_section


def _pack(sections: list[_Section], words: int) -> Iterator[list[_Section]]:
    """Neighbours together while they fit into one piece."""
    is_short = sum(section.size for section in sections) <= SHORT * words
    group: list[_Section] = []
    for section in sections:
        if group and not _fit_together([*group, section], words, is_short):
            yield group
            group = []
        group.append(section)
    if group:
        yield group


def _fit_together(sections: list[_Section], words: int, is_short: bool) -> bool:
    same_top = len({section.path[:1] for section in sections}) == 1
    may_mix = is_short or same_top or all(section.size <= TINY * words for section in sections)
    return may_mix and sum(section.size for section in sections) <= ROOM * words


def _cut(sections: list[_Section], text: str, words: int, pages: list[tuple[int, int | None]]) -> Iterator[Piece]:
    """These sections as one piece, or a long one as several of about equal length."""
    path = _common_path(sections)
    first = sections[0]
    start = first.body if first.path == path and first.has_text else first.start
    heading = HEADING_JOINT.join(path)[:LONGEST_HEADING]
    for at, piece in _cut_text(text[start : sections[-1].end], words):
        page = pages[bisect_right(pages, start + at, key=itemgetter(0)) - 1][1]
        yield Piece(heading, piece, start + at, start + at + len(piece), page)


def _cut_text(text: str, words: int) -> Iterator[tuple[int, str]]:
    """Parts of a text with their offsets, cut at paragraphs, else at items and rows, sentences, words."""
    size = size_of(text)
    if size <= ROOM * words:
        yield 0, text
        return
    target = ceil(size / ceil(size / words))
    splitter = TextSplitter.from_callback(lambda part: ceil(size_of(part)), (target, words))
    parts = (
        (begin + offset, part) for begin, window in _windows(text) for offset, part in splitter.chunk_indices(window)
    )
    yield from _without_crumbs(parts, text, words)


def _without_crumbs(parts: Iterable[tuple[int, str]], text: str, words: int) -> Iterator[tuple[int, str]]:
    """The parts, a line such as the one that introduces a long table not left alone."""
    before: tuple[int, str] | None = None
    for start, part in parts:
        if before:
            whole = text[before[0] : start + len(part)]
            smaller = min(size_of(before[1]), size_of(part))
            if smaller <= CRUMB * words and size_of(whole) <= words:
                before = (before[0], whole)
                continue
            yield before
        before = (start, part)
    if before:
        yield before


def _windows(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    while begin < len(text):
        window = text[begin : begin + WINDOW]
        if begin + WINDOW < len(text):
            ends = (window.rfind(mark) + len(mark) for mark in (BETWEEN_BLOCKS, "\n", " "))
            window = window[: next((end for end in ends if end > WINDOW / 2), WINDOW)]
        yield begin, window
        begin += len(window)


def _common_path(sections: list[_Section]) -> tuple[str, ...]:
    levels = zip(*(section.path for section in sections), strict=False)
    return tuple(names[0] for names in takewhile(lambda names: len(set(names)) == 1, levels))
