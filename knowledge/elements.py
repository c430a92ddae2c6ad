"""Elements of HTML whose parts belong together, as lines: lists, tables, definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from knowledge.parsed import labelled, row_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

DEEPEST = 50  # levels of elements within one of these; what lies deeper is read without its structure

_block = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|div|dl|dt|fieldset|figcaption|figure|form|h[1-6]|"
    "header|hgroup|hr|li|main|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)


def is_block(tag: str) -> bool:
    """Whether an element of this name begins and ends a line."""
    return bool(_block.fullmatch(tag))


def line_of(node: LexborNode) -> str:
    """All text of an element as one line; only blocks and line breaks part words."""
    return one_line("".join(_words(node)))


def one_line(text: str) -> str:
    return " ".join(text.split())


def _words(node: LexborNode, depth: int = 0) -> Iterator[str]:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        gap = " " if tag == "br" or is_block(tag) else ""
        yield gap
        if child.is_text_node:
            yield child.text_content or ""
        elif depth >= DEEPEST:
            yield child.text(separator=" ")
        else:
            yield from _words(child, depth + 1)
        yield gap


def list_lines(node: LexborNode, depth: int) -> list[str]:
    """A list as Markdown: `- item` or `1. item`, what is inside an item indented below it."""
    lines: list[str] = []
    number = _first_number(node)
    for item in node.iter():
        inner = list(_outermost_lists(item)) if depth < DEEPEST else []
        nested = [line for child in inner for line in list_lines(child, depth + 1)]
        for child in inner:
            if child is not item:
                child.replace_with(" ")
        if item not in inner and (text := line_of(item)):
            mark = f"{number}." if node.tag == "ol" else "-"
            lines.append(f"{'  ' * depth}{mark} {text}")
            number += 1
        lines += nested
    return lines


def _outermost_lists(node: LexborNode, depth: int = 0) -> Iterator[LexborNode]:
    """The lists in an element, without those inside of them; the element itself if it is one."""
    if node.tag in {"ul", "ol"}:
        yield node
    elif depth < DEEPEST:
        for child in node.iter():
            yield from _outermost_lists(child, depth + 1)


def _first_number(node: LexborNode) -> int:
    start = node.attributes.get("start") or "1"
    return int(start) if start.isdecimal() and len(start) < 7 else 1


def table_lines(table: LexborNode) -> list[str]:
    """A table as one line for each row: `Fee: Wire transfer; Amount: $20.`, so that each row can stand alone."""
    rows = [[cell for cell in row.iter() if cell.tag in {"td", "th"}] for row in table.css("tr")]
    rows = [row for row in rows if row]
    caption = table.css_first("caption")
    lines = [line_of(caption)] if caption else []
    while len(rows) > 1 and len(rows[0]) == 1 < len(rows[1]):
        lines.append(line_of(rows.pop(0)[0]))
    names: list[str] = []
    if len(rows) > 1 and all(cell.tag == "th" for cell in rows[0]) and len(rows[0]) == len(rows[1]):
        names = [line_of(cell) for cell in rows.pop(0)]
    return lines + [_row_line(row, names) for row in rows]


def _row_line(row: list[LexborNode], names: list[str]) -> str:
    cells = [line_of(cell) for cell in row]
    if not names and [cell.tag for cell in row] == ["th", "td"]:
        return labelled(*cells)
    return row_text(cells, names)


def definition_lines(node: LexborNode) -> list[str]:
    """`Term: definition`, a line each; terms that share a definition stand before it together."""
    lines: list[str] = []
    terms: list[str] = []
    is_defined = False
    for child in node.css("dt, dd"):
        text = line_of(child)
        if child.tag == "dt":
            terms = [text] if is_defined else [*terms, text]
        elif text:
            lines.append(labelled(", ".join(terms), text))
        is_defined = child.tag == "dd"
    return lines
