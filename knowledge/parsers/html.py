"""HTML: the main content of a page, without what stands on every page and what no reader can see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from knowledge.decoding import decode, looks_like_text
from knowledge.elements import definition_lines, is_block, line_of, list_lines, one_line, table_lines
from knowledge.parsed import Block, Outline, ParsedDocument

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

EXTENSIONS = (".html", ".htm", ".xhtml")
DEEPEST = 200  # levels of elements; what lies deeper is read without its structure
HEADINGS = "h1, h2, h3, h4, h5, h6"
MAIN_CONTENT = ("main", "[role=main]", "article")
NEVER_READ = (
    "script, style, noscript, template, svg, math, canvas, iframe, object, embed, audio, video, "
    "nav, footer, button, select, input, textarea, dialog"
)
ON_EVERY_PAGE = (
    "body > header, aside, [role=banner], [role=navigation], [role=contentinfo], [role=dialog], "
    ".breadcrumb, .breadcrumbs, .menu, #menu, .navbar, .topbar, .sidebar, #sidebar, .footer, #footer, "
    "[class*=cookie-banner], [class*=cookie-notice], [class*=cookie-consent], [id*=cookie-banner], [id*=cookie-consent]"
)
HIDDEN = "[hidden], [aria-hidden=true], [style]"

_invisible_style = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0+(?:\.0+)?(?![.\d])", re.IGNORECASE
)
_element = re.compile(rb"<\s*[a-zA-Z!][^>]*>")
_declared_charset = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
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
        title=reader.title or (one_line(named.text()) if named else ""),
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
            for aside in found[0].css("aside"):
                if _is_mostly_links(aside):
                    aside.decompose()
            return found[0]
    for node in tree.css(ON_EVERY_PAGE):
        if not node.css_first("h1"):
            node.decompose()
    return tree.body


def _is_mostly_links(node: LexborNode) -> bool:
    of_links, of_headings = (sum(len(part.text()) for part in node.css(kind)) for kind in ("a", HEADINGS))
    return 2 * of_links > len(line_of(node)) - of_headings


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
        stands_alone = is_block(tag)
        if stands_alone:
            self.end_block()
        self.read(node, depth + 1)
        if stands_alone:
            self.end_block()

    def _read_structure(self, tag: str, node: LexborNode) -> bool:
        """Read a heading, list, table or preformatted text as one block; False for all other elements."""
        if tag in HEADINGS.split(", "):
            self.end_block()
            self._add_heading(int(tag[1]), line_of(node))
        elif tag in {"ul", "ol"} and not node.css_first("h1, h2, h3, h4"):
            self._add_whole("\n".join(list_lines(node, 0)))
        elif tag == "table" and not node.css_first("table table, h1, h2, h3, h4"):
            self._add_whole("\n".join(table_lines(node)))
        elif tag == "dl":
            self._add_whole("\n".join(definition_lines(node)))
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


def _tidy(text: str) -> str:
    return _around_line_ends.sub("\n", _spaces.sub(" ", text)).strip()
