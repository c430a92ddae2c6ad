"""Lines on pages to paragraphs, lists, tables and headings: what a PDF does not say, read from how it looks.

A heading is set larger than the body or stands alone in bold; with more than a third of such lines none is
believed. What repeats in the margins of pages is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from knowledge.lines import Line, hyphenated_words, join_lines, with_dash
from knowledge.parsed import Block, Outline, ParsedDocument, ends_sentence, row_text

LARGER = 1.15  # times the body's size, and a line is a heading
APART = 1.25  # times the usual distance of lines, and a new paragraph begins
HEADING_WORDS = 16
MOST_HEADINGS = 1 / 3  # of all lines

_page_number = re.compile(
    r"^\W*(?:page|página|seite|p\.|第)?\s*\d+\s*(?:(?:/|of|de|von|页 ?/?)\s*\d+)?\s*(?:页)?\W*$", re.I
)


def read_lines(pages: list[list[Line]]) -> ParsedDocument:
    """The document that these pages show."""
    body = _usual(round(line.size * 2) / 2 for page in pages for line in page for _ in line.text)
    lines = _without_repeated_table_heads(_without_running_heads(pages, body))
    levels = _heading_levels(lines, body)
    paragraphs = _join_over_breaks(_paragraphs(lines, levels))
    title, blocks = _blocks(paragraphs, levels, hyphenated_words(lines))
    return ParsedDocument(title=title, blocks=tuple(blocks), page_count=len(pages))


def _without_running_heads(pages: list[list[Line]], body: float) -> list[Line]:
    """All lines but page numbers and what stands in the same place of the margin on a third of the pages.

    What is set larger than the body is no running head, even where each page begins with such a line.
    """
    marginal = [[line for line in lines if line.in_margin and line.size < LARGER * body] for lines in pages]
    seen = Counter(key for lines in marginal for key in {_place(line) for line in lines})
    repeated = {key for key, count in seen.items() if count > 1 and count * 3 >= len(pages)}
    dropped = {line for lines in marginal for line in lines if _place(line) in repeated or _holds_page_number(line)}
    return [line for lines in pages for line in lines if line not in dropped]


def _holds_page_number(line: Line) -> bool:
    if line.is_row:  # a cell that is only a number may be an amount
        return any(_page_number.match(cell) and re.search(r"[^\W\d]|/", cell) for cell in line.cells)
    return bool(_page_number.match(line.text))


def _without_repeated_table_heads(lines: list[Line]) -> list[Line]:
    """All lines but the head of a table that goes on at the top of a page; one in bold names the cells there too."""
    kept: list[Line] = []
    rows: set[str] = set()
    for line in lines:
        is_first = not kept or kept[-1].page != line.page
        if not (is_first and line.is_row and not line.is_bold and line.text in rows):
            kept.append(line)
        if line.is_row:
            rows.add(line.text)
    return kept


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
        and not (line.is_row or line.is_bulleted or line.text.endswith((".", ",", ";")))
    )


def _paragraphs(lines: list[Line], levels: dict[Line, int]) -> list[list[Line]]:
    usual = _usual(
        round(before.foot - line.y)
        for before, line in pairwise(lines)
        if before.page == line.page and 0 < before.foot - line.y < 3 * line.size
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
    down = before.foot - line.y
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
    ends_short = ends_sentence(before.text) and len(before.text) < 0.7 * max(len(one.text) for one in group)
    return 0 < down < APART * max(usual, line.size) and not ends_short


def _join_over_breaks(groups: list[list[Line]]) -> list[list[Line]]:
    """A sentence that goes on on the next page or in the next column is one paragraph."""
    joined: list[list[Line]] = []
    for group in groups:
        last = joined[-1][-1] if joined else None
        if last and _is_broken(last, group[0]) and not ends_sentence(last.text) and group[0].text[:1].islower():
            joined[-1].extend(group)
        else:
            joined.append(group)
    return joined


def _is_broken(last: Line, line: Line) -> bool:
    is_next_column = last.page == line.page and line.y > last.y and line.x > last.x
    return (is_next_column or last.page + 1 == line.page) and not (last.is_row or line.is_row)


def _blocks(groups: list[list[Line]], levels: dict[Line, int], kept_hyphens: set[str]) -> tuple[str, list[Block]]:
    title = ""
    outline = Outline()
    blocks: list[Block] = []
    is_at_top = True  # of the document: only a running head stands above
    for group in groups:
        text, page, level = _text(group, kept_hyphens), group[0].page, levels.get(group[0])
        if level is None:
            blocks.append(Block(text, outline.path, page))
        elif level == 1 and is_at_top:
            title = text
        else:
            path = outline.enter(level, text)
            blocks.append(Block(f"{'#' * min(len(path) + 1, 6)} {text}", path, page, is_heading=True))
        is_at_top = is_at_top and level is None and group[0].in_margin
    return title, blocks


def _text(group: list[Line], kept_hyphens: set[str]) -> str:
    if group[0].is_row:
        return _table_text(group)
    text = with_dash(group[0].text)
    for line in group[1:]:
        if line.starts_item:
            text += "\n" + with_dash(line.text)
        else:
            text = join_lines(text, line.text, kept_hyphens)
    return text


def _table_text(rows: list[Line]) -> str:
    """A line for each row; a head in bold names the cells of each, so that it can stand alone."""
    head, others = rows[0], rows[1:]
    is_head = head.is_bold and any(not row.is_bold and len(row.cells) == len(head.cells) for row in others)
    names, body = (head.cells, others) if is_head else ((), rows)
    return "\n".join(row_text(row.cells, names) for row in body)
