"""Lines on pages to paragraphs, lists, tables and headings: what a PDF does not say, read from how it looks.

A heading is set larger than the body or stands alone in bold; with more than a third of such lines none is
believed. What repeats in the margins of pages is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from knowledge.parsed import Block, Outline, ParsedDocument

MARGIN = 0.09  # of the page's height, at its top and at its bottom
LARGER = 1.15  # times the body's size, and a line is a heading
APART = 1.25  # times the usual distance of lines, and a new paragraph begins
HEADING_WORDS = 16
MOST_HEADINGS = 1 / 3  # of all lines
CELL = " | "

_bullet = re.compile(r"^\s*(?:[•◦▪‣●○■·\x7f\uf0b7\uf0a7]|[-–—*](?=\s))\s*")
_numbered = re.compile(r"^\s*(?:\d{1,3}|[a-z])[.)]\s+\S")
_mark = re.compile(r"\s*(?:[-–—*•◦▪‣●○■·\x7f\uf0b7\uf0a7]|(?:\d{1,3}|[a-z])[.)])\s*")
_page_number = re.compile(
    r"^\W*(?:page|página|seite|p\.|第)?\s*\d+\s*(?:(?:/|of|de|von|页 ?/?)\s*\d+)?\s*(?:页)?\W*$", re.I
)
_sentence_end = re.compile(r"[.!?:;。！？：；]['\")”’]?$")
_unspaced = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


@dataclass(frozen=True)
class Line:
    """One line as it stands on its page. `y` grows upwards, `size` is its height in points."""

    text: str
    x: float
    y: float
    size: float
    is_bold: bool
    page: int
    in_margin: bool = False

    @property
    def starts_item(self) -> bool:
        return bool(_bullet.match(self.text) or _numbered.match(self.text))

    @property
    def is_row(self) -> bool:
        return CELL in self.text


def lines_of(
    pieces: Iterable[tuple[str, float, float, float, bool]], bottom: float, top: float, *, page: int
) -> list[Line]:
    """The lines of a page from pieces of text (text, x, y, size, bold), those of one height joined."""
    lines: list[Line] = []
    margin = (top - bottom) * MARGIN
    ended = True
    for text, x, y, size, is_bold in pieces:
        line = Line(text.strip("\n"), x, y, size, is_bold, page, not bottom + margin < y < top - margin)
        if lines and abs(lines[-1].y - y) < 0.35 * max(size, lines[-1].size):
            lines[-1] = _side_by_side(lines[-1], line, ended)
        else:
            lines.append(line)
        ended = text.endswith("\n")
    return [replace(line, text=_without_ligatures(" ".join(line.text.split()))) for line in lines if line.text.strip()]


def _without_ligatures(text: str) -> str:
    return re.sub("[\ufb00-\ufb06]", lambda found: unicodedata.normalize("NFKC", found[0]), text)


def _side_by_side(left: Line, right: Line, ended: bool) -> Line:
    """Two pieces at one height: words of one sentence, or cells of a row when a gap lies between them."""
    end = left.x + len(left.text.strip()) * left.size * 0.5  # letters are about half as wide as high
    is_gap = right.x - end > left.size
    is_new_text = ended or _mark.fullmatch(left.text)
    between = CELL if ended and is_gap and not _mark.fullmatch(left.text) else " " if is_new_text else ""
    larger_part = max(left, right, key=lambda line: len(line.text))
    return replace(
        left, text=left.text + between + right.text, size=larger_part.size, is_bold=left.is_bold and right.is_bold
    )


def read_lines(pages: list[list[Line]]) -> ParsedDocument:
    """The document that these pages show."""
    body = _usual(round(line.size * 2) / 2 for page in pages for line in page for _ in line.text)
    lines = _without_running_heads(pages, body)
    levels = _heading_levels(lines, body)
    paragraphs = _join_over_pages(_paragraphs(lines, levels))
    kept_hyphens = set(re.findall(r"\w+-\w+", "\n".join(line.text for line in lines)))
    title, blocks = _blocks(paragraphs, levels, kept_hyphens)
    return ParsedDocument(title=title, blocks=tuple(blocks), page_count=len(pages))


def _without_running_heads(pages: list[list[Line]], body: float) -> list[Line]:
    """All lines but page numbers and what stands in the same place of the margin on a third of the pages.

    What is set larger than the body is no running head, even where each page begins with such a line.
    """
    marginal = [[line for line in lines if line.in_margin and line.size < LARGER * body] for lines in pages]
    seen = Counter(key for lines in marginal for key in {_place(line) for line in lines})
    repeated = {key for key, count in seen.items() if count > 1 and count * 3 >= len(pages)}
    dropped = {
        line for lines in marginal for line in lines if _place(line) in repeated or _page_number.match(line.text)
    }
    return [line for lines in pages for line in lines if line not in dropped]


def _place(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text), round(line.y / 4)


def _usual(values: Iterable[float]) -> float:
    counted = Counter(values).most_common(1)
    return counted[0][0] if counted else 0.0


def _heading_levels(lines: list[Line], body: float) -> dict[Line, int]:
    """The lines that look like headings, with their level from 1."""
    found = [line for line in lines if _looks_like_heading(line, body)]
    if len(found) > MOST_HEADINGS * len(lines):
        return {}
    sizes = sorted({round(line.size) for line in found}, reverse=True)
    return {line: sizes.index(round(line.size)) + 1 for line in found}


def _looks_like_heading(line: Line, body: float) -> bool:
    stands_out = line.size >= LARGER * body or (line.is_bold and line.size >= body)
    is_short = len(line.text.split()) <= HEADING_WORDS and len(line.text) <= 120
    has_letters = any(character.isalpha() for character in line.text)
    return (
        stands_out
        and is_short
        and has_letters
        and not (line.is_row or _bullet.match(line.text) or line.text.endswith((".", ",", ";")))
    )


def _paragraphs(lines: list[Line], levels: dict[Line, int]) -> list[list[Line]]:
    usual = _usual(
        round(before.y - line.y)
        for before, line in pairwise(lines)
        if before.page == line.page and 0 < before.y - line.y < 3 * line.size
    )
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _goes_on(groups[-1], line, levels, usual or line.size * 1.2):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _goes_on(group: list[Line], line: Line, levels: dict[Line, int], usual: float) -> bool:
    before = group[-1]
    down = before.y - line.y
    if before.page != line.page or abs(before.size - line.size) > 0.6 or levels.get(before) != levels.get(line):
        return False
    if before.is_row != line.is_row or (line.starts_item and not group[0].starts_item):
        return False
    if line.starts_item or line.is_row:  # items and rows may stand further apart than lines
        return 0 < down < 3 * line.size
    if before in levels:
        return 0 < down < 1.6 * line.size
    if group[0].starts_item and line.x <= group[0].x + 1:
        return False
    ends_short = bool(_sentence_end.search(before.text)) and len(before.text) < 0.7 * max(
        len(one.text) for one in group
    )
    return 0 < down < APART * max(usual, line.size) and not ends_short


def _join_over_pages(groups: list[list[Line]]) -> list[list[Line]]:
    """A sentence that goes on on the next page is one paragraph."""
    joined: list[list[Line]] = []
    for group in groups:
        last = joined[-1][-1] if joined else None
        if last and last.page + 1 == group[0].page and _is_open(last) and group[0].text[:1].islower():
            joined[-1].extend(group)
        else:
            joined.append(group)
    return joined


def _is_open(line: Line) -> bool:
    return not _sentence_end.search(line.text) and not line.is_row


def _blocks(groups: list[list[Line]], levels: dict[Line, int], kept_hyphens: set[str]) -> tuple[str, list[Block]]:
    title = ""
    outline = Outline()
    blocks: list[Block] = []
    for group in groups:
        text, page, level = _text(group, kept_hyphens), group[0].page, levels.get(group[0])
        if level is None:
            blocks.append(Block(text, outline.path, page))
        elif level == 1 and not blocks and not title:
            title = text
        else:
            path = outline.enter(level, text)
            blocks.append(Block(f"{'#' * min(len(path) + 1, 6)} {text}", path, page, is_heading=True))
    return title, blocks


def _text(group: list[Line], kept_hyphens: set[str]) -> str:
    text = _bullet.sub("- ", group[0].text)
    for line in group[1:]:
        if line.starts_item or line.is_row:
            text += "\n" + _bullet.sub("- ", line.text)
        else:
            text = _join(text, line.text, kept_hyphens)
    return text


def _join(before: str, after: str, kept_hyphens: set[str]) -> str:
    """Two lines of one sentence. A word cut by a hyphen is one again, unless it is written so elsewhere."""
    if before.endswith("\u00ad"):
        return before[:-1] + after
    if re.search(r"[^\W\d]-$", before) and after[:1].islower():
        whole = re.split(r"[\s(]", before)[-1] + re.split(r"[\s.,;:)]", after)[0]
        return (before if whole in kept_hyphens else before[:-1]) + after
    is_unspaced = _unspaced.match(before[-1:]) and _unspaced.match(after[:1])
    return before + ("" if is_unspaced else " ") + after
