"""A block of an answer as safe HTML. Model output is hostile text: no raw HTML, no pictures, few links."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

# A block beyond one of these is shown as plain text: the parser would take seconds, and it is never prose (A66).
LONGEST_BLOCK = 16_000  # characters
MOST_BRACKETS = 200  # opening ones: their cost is quadratic
MOST_CELLS = 4_000  # of a table, whose rows the parser fills up to the width of its head
TAGS = {"p", "br", "strong", "em", "s", "ul", "ol", "li", "a", "code", "pre", "blockquote", "hr",
        "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
MARK = re.compile(r"\[(\d{1,3})\](?!\()")


def render(block: str, reply_id: str) -> SafeString:
    """Render one block. `[1]` becomes a link to `#source-<reply_id>-1`."""
    if _is_costly(block):
        return mark_safe(linebreaks(escape(block)))  # noqa: S308 (escaped in the same breath)
    html = _parser().render(block, {"reply_id": reply_id})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        allowed_classes={"a": {"cite"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308 (nh3 has just cleaned it)


def _is_costly(block: str) -> bool:
    lines = block.split("\n")
    cells = len(lines) * max(line.count("|") for line in lines)
    return len(block) > LONGEST_BLOCK or block.count("[") > MOST_BRACKETS or cells > MOST_CELLS


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    parser.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline", "autolink"])
    parser.inline.ruler.before("link", "citation", _citation)
    parser.core.ruler.push("plain_headings", lambda state: _lower_headings(state.tokens))
    parser.core.ruler.push("known_hosts", lambda state: _unlink_strangers(state.tokens))
    return parser


def _citation(state: StateInline, silent: bool) -> bool:
    match = MARK.match(state.src, state.pos)
    if not match or "reply_id" not in state.env:
        return False
    if not silent:
        link = state.push("link_open", "a", 1)
        link.attrs = {"class": "cite", "href": f"#source-{state.env['reply_id']}-{match.group(1)}"}
        state.push("text", "", 0).content = match.group(1)
        state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def _lower_headings(tokens: list[Token]) -> None:
    """The page has its own h1 and h2: an answer's headings begin at h3."""
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"


def _unlink_strangers(tokens: list[Token]) -> None:
    """A link to a host that is not on our list is shown as text, with its address, and leads nowhere."""
    for block in tokens:
        if block.children:
            block.children = _without_strangers(block.children)


def _without_strangers(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    stranger: str | None = None
    for token in tokens:
        if token.type == "link_open" and not is_known(str(token.attrs.get("href", ""))):
            stranger = str(token.attrs.get("href", ""))
        elif token.type == "link_close" and stranger is not None:
            kept.append(Token("text", "", 0, content=f" ({stranger})"))
            stranger = None
        else:
            kept.append(token)
    return kept


def is_known(address: str) -> bool:
    """Whether a link may be clicked: a source on this page, or a host of CHAT_LINK_HOSTS by https."""
    if address.startswith("#source-"):
        return True
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.hostname in settings.CHAT_LINK_HOSTS and not parts.username
    except ValueError:
        return False
