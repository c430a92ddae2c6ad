"""HTML: the main content of a page, without what stands on every page and what no reader can see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from knowledge.decoding import decode, looks_like_text
from knowledge.parsed import Block, Outline, ParsedDocument

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

EXTENSIONS = (".html", ".htm", ".xhtml")
DEEPEST = 200  # levels of elements; what lies deeper is read without its structure
MAIN_CONTENT = ("main", "[role=main]", "article")
NEVER_READ = (
    "script, style, noscript, template, svg, math, canvas, iframe, object, embed, audio, video, "
    "nav, footer, button, select, input, textarea, dialog"
)
ON_EVERY_PAGE = "body > header, aside, [role=banner], [role=navigation], [role=contentinfo]"
HIDDEN = "[hidden], [aria-hidden=true], [style]"

_invisible_style = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0+(?:\.0+)?(?![.\d])", re.IGNORECASE
)
_element = re.compile(rb"<\s*[a-zA-Z!][^>]*>")
_declared_charset = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_block = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|div|dt|fieldset|figcaption|figure|form|header|"
    "hgroup|hr|li|main|p|section|summary|table|tbody|td|tfoot|th|thead|tr"
)
_spaces = re.compile(r"[^\S\n]+")
_around_line_ends = re.compile(r" ?\n ?")


def fits(content: bytes) -> bool:
    return looks_like_text(content) and not content.lstrip().startswith(b"%PDF-") and bool(_element.search(content))


def parse(file: BinaryIO) -> ParsedDocument:
    content = file.read()
    charset = _declared_charset.search(content[:4096])
    decoded = decode(content, declared=charset[1].decode() if charset else "")
    return read_html(decoded.text).with_note(*decoded.notes)


def read_html(page: str, *, title: str = "") -> ParsedDocument:
    """The blocks of a page or a fragment. Its title is the one given, else its first `h1`, else its `title`."""
    from selectolax.lexbor import LexborHTMLParser  # here, so that only the child process loads it

    tree = LexborHTMLParser(page)
    named = tree.css_first("head > title")
    language = (root.attributes.get("lang") or "") if (root := tree.root) else ""
    tree.strip_tags([tag.strip() for tag in NEVER_READ.split(",")])
    hidden = _drop_hidden(tree)
    reader = _Reader(title)
    reader.read(_main_content(tree))
    reader.end_block()
    return ParsedDocument(
        title=reader.title or (_one_line(named.text()) if named else ""),
        blocks=tuple(reader.blocks),
        language=language[:2].lower(),
        notes=(f"Hidden text was left out, in {hidden} {'place' if hidden == 1 else 'places'}.",) if hidden else (),
    )


def _drop_hidden(tree: LexborHTMLParser) -> int:
    """Take out what a reader of the page would not see; return how many of these elements held text."""
    count = 0
    for node in tree.css(HIDDEN):
        attributes = node.attributes
        if "hidden" in attributes or attributes.get("aria-hidden") == "true" or _is_invisible(attributes.get("style")):
            count += bool(node.text(strip=True))
            node.decompose()
    return count


def _is_invisible(style: str | None) -> bool:
    return bool(style and _invisible_style.search(style))


def _main_content(tree: LexborHTMLParser) -> LexborNode | None:
    for selector in MAIN_CONTENT:
        found = tree.css(selector)
        if len(found) == 1 and found[0].text(strip=True):
            return found[0]
    for node in tree.css(ON_EVERY_PAGE):
        if not node.css_first("h1"):
            node.decompose()
    return tree.body


class _Reader:
    """Walks the page in reading order and cuts it into blocks."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.blocks: list[Block] = []
        self._outline = Outline()
        self._inline: list[str] = []

    def read(self, node: LexborNode | None, depth: int = 0) -> None:
        for child in node.iter(include_text=True) if node else ():
            tag = child.tag or ""
            if child.is_text_node:
                self._inline.append((child.text_content or "").replace("\n", " "))
            elif tag == "br":
                self._inline.append("\n")
            elif depth >= DEEPEST:
                self._inline.append(child.text(separator=" "))
            elif not self._read_structure(tag, child):
                self._read_inside(tag, child, depth)

    def end_block(self) -> None:
        self._add(_tidy("".join(self._inline)))
        self._inline.clear()

    def _read_inside(self, tag: str, node: LexborNode, depth: int) -> None:
        is_block = bool(_block.fullmatch(tag))
        if is_block:
            self.end_block()
        self.read(node, depth + 1)
        if is_block:
            self.end_block()

    def _read_structure(self, tag: str, node: LexborNode) -> bool:
        """Read a heading, list, table or preformatted text as one block; False for all other elements."""
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.end_block()
            self._add_heading(int(tag[1]), _one_line(node.text(separator=" ")))
        elif tag in {"ul", "ol"}:
            self._add_whole("\n".join(_list_lines(node, 0)))
        elif tag == "table" and not node.css_first("table table, h1, h2, h3, h4"):
            self._add_whole("\n".join(_table_lines(node)))
        elif tag == "dl":
            self._add_whole("\n".join(_definition_lines(node)))
        elif tag == "pre":
            self._add_whole(node.text().strip("\n"))
        else:
            return False
        return True

    def _add_heading(self, level: int, text: str) -> None:
        if not text:
            return
        if level == 1 and not self._outline.path and self.title in {"", text}:
            self.title = text
            return
        path = self._outline.enter(level, text)
        self.blocks.append(Block(f"{'#' * min(len(path) + 1, 6)} {text}", path, is_heading=True))

    def _add_whole(self, text: str) -> None:
        self.end_block()
        self._add(text)

    def _add(self, text: str) -> None:
        if text.strip():
            self.blocks.append(Block(text, self._outline.path))


def _list_lines(node: LexborNode, depth: int) -> list[str]:
    """A list as Markdown: `- item` or `1. item`, what is inside an item indented below it."""
    lines: list[str] = []
    items = [child for child in node.iter() if child.tag == "li"]
    for number, item in enumerate(items, _first_number(node)):
        inner = [child for child in item.iter() if child.tag in {"ul", "ol"}] if depth < DEEPEST else []
        nested = [line for child in inner for line in _list_lines(child, depth + 1)]
        for child in inner:
            child.decompose()
        mark = f"{number}." if node.tag == "ol" else "-"
        lines += [f"{'  ' * depth}{mark} {_one_line(item.text(separator=' '))}", *nested]
    return lines


def _first_number(node: LexborNode) -> int:
    start = node.attributes.get("start") or "1"
    return int(start) if start.isdecimal() and len(start) < 7 else 1


def _table_lines(table: LexborNode) -> list[str]:
    """A table as one line for each row: `Fee: Wire transfer; Amount: $20.`, so that each row can stand alone."""
    rows = [[cell for cell in row.iter() if cell.tag in {"td", "th"}] for row in table.css("tr")]
    rows = [row for row in rows if row]
    names: list[str] = []
    if len(rows) > 1 and all(cell.tag == "th" for cell in rows[0]):
        names = [_one_line(cell.text(separator=" ")) for cell in rows.pop(0)]
    caption = table.css_first("caption")
    lines = [_one_line(caption.text(separator=" "))] if caption else []
    return lines + [_row_line([_one_line(cell.text(separator=" ")) for cell in row], names) for row in rows]


def _row_line(cells: list[str], names: list[str]) -> str:
    if len(cells) != len(names):
        return " | ".join(cells)
    pairs = [f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=True) if cell]
    return "; ".join(pairs) + "."


def _definition_lines(node: LexborNode) -> list[str]:
    """`Term: definition`, a line each."""
    lines: list[str] = []
    term = ""
    for child in node.css("dt, dd"):
        text = _one_line(child.text(separator=" "))
        if child.tag == "dt":
            term = text
        elif text:
            lines.append(f"{term}: {text}" if term else text)
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tidy(text: str) -> str:
    return _around_line_ends.sub("\n", _spaces.sub(" ", text)).strip()
