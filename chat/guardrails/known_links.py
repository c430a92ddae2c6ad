"""An answer names no address of a stranger: the page makes none clickable, and this takes them out of its text too.

A link may lead to a host of CHAT_LINK_HOSTS, or to an address that stands in a passage. What a model adds to one behind
`?` or `#` could carry away what was said in the chat: it is taken off.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from chat.context import Turn
from chat.grounding import evidence
from chat.verdicts import Verdict, guardrail
from chat.wording import words_for

_label = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_rest = r"[^\s<>\"'`\[\]{}|\\，。；！？、）】》」]*"
ENDINGS = """
    com net org info biz edu gov mil int app dev xyz site online shop store tech cloud top club live link web blog click
    example test invalid ac ai au br ca cc ch cl cn co cz de dk es eu fi fr gg gl gr hk hu ie il io ir jp kr ly mx nl nz
    pl pt ro ru se sg sh tr tv tw ua uk vn ws za
"""  # of a bare host; those that are also words need a path behind them: "the 15th.It is"
_endings = "|".join(ENDINGS.split())
ADDRESS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{1,20}}:)?//{_rest}|\b(?:mailto|tel|javascript|data|vbscript|file|sms):(?=\S){_rest}"
    rf"|(?<![\w@.-])(?:www\.{_rest}|(?:{_label}[.．。]){{1,8}}"
    rf"(?:(?:{_endings})(?![\w-]|\.\w)(?::\d{{1,5}})?(?:[/?#]{_rest})?|[a-z]{{2,24}}(?::\d{{1,5}})?/{_rest}))",
    re.IGNORECASE | re.ASCII,
)
MARKDOWN = re.compile(
    r"!?\[(?P<text>[^\[\]\n]{0,300})\]"
    r"\(\s{0,3}<?(?P<to>[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+[^()\n]{0,200})?\s{0,3}\)"
)
PICTURE = re.compile(r"!(?=\[)")
DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]{1,100}\]:\s*\S+.*$", re.MULTILINE)
BEHIND = ".,;:!?)*_'\"”’»"


@guardrail(reads="sentence")
async def known_links(turn: Turn, text: str) -> Verdict:
    if not any(sign in text for sign in (".", "//", ":", "](", "．", "。")):
        return Verdict.allow()
    strange: list[str] = []

    def allowed(address: str) -> str | None:
        kept = _allowed(turn, address)
        if kept is None:
            strange.append(address)
        return kept

    def link(match: re.Match[str]) -> str:
        kept = allowed(match["to"])
        return f"[{match['text']}]({kept})" if kept else match["text"]

    def bare(match: re.Match[str]) -> str:
        written = _without_stops(match.group())
        kept = allowed(written)
        return (words_for(turn, "link_left_out") if kept is None else kept) + match.group()[len(written) :]

    plain = DEFINITION.sub("", PICTURE.sub("", text)) if "]" in text else text
    plain = ADDRESS.sub(bare, MARKDOWN.sub(link, plain))
    if plain == text:
        return Verdict.allow()
    hosts = ", ".join(dict.fromkeys(_host(address) or address[:40] for address in strange))
    return Verdict.rewrite(plain, f"unknown host: {hosts}" if hosts else "an address without what was added to it")


def _allowed(turn: Turn, address: str) -> str | None:
    """The address as it may stand, or None."""
    if address.startswith("#source-"):
        return address
    if _is_written(turn, address):
        return address
    host = _host(address)
    if host not in settings.CHAT_LINK_HOSTS:
        return None
    return re.split(r"[?#]", address, maxsplit=1)[0]


def _is_written(turn: Turn, address: str) -> bool:
    """Whether a passage or a tool's result has exactly this address."""
    wanted = _plain(address)
    return any(wanted in addresses_in(text) for text in evidence.found_texts(turn))


@lru_cache(maxsize=1024)
def addresses_in(text: str) -> frozenset[str]:
    return frozenset(_plain(_without_stops(match.group())) for match in ADDRESS.finditer(text))


def _without_stops(address: str) -> str:
    """The address without what belongs to the sentence around it."""
    stripped = address.rstrip(BEHIND)
    return stripped + ")" * (stripped.count("(") - stripped.count(")")) if "(" in stripped else stripped


def _plain(address: str) -> str:
    plain = unicodedata.normalize("NFKC", address).casefold().removeprefix("mailto:")
    return re.sub(r"^(?:https?:)?//(?:www\.)?|^www\.", "", plain).rstrip("/")


def _host(address: str) -> str:
    """The host that a browser or a mail program would go to; "" where it goes to none."""
    address = unicodedata.normalize("NFKC", address).replace("。", ".").strip()
    if address.lower().startswith("mailto:"):
        return address.partition("@")[2].partition("?")[0].lower()
    if not re.match(r"(?:[a-z][a-z0-9+.-]*:)?//", address, re.IGNORECASE):
        address = f"//{address}"
    try:
        parts = urlsplit(address)
        return "" if parts.username else (parts.hostname or "")
    except ValueError:
        return ""
