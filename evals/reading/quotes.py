"""Whether a quote stands in a text, and where: with whatever spaces, quotation marks and capitals a judge writes it.

What stands only nearly so is no quote. One that is too short to be evidence of anything stands nowhere.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from chat.citations import MARK

FEWEST_LETTERS = 10  # of a quote without a figure
LETTERS_OF_A_CHARACTER = 3  # of scripts without spaces
SAME = str.maketrans(
    {**dict.fromkeys("“”„«»‟″＂", '"'), **dict.fromkeys("‘’‚`´′＇", "'"), **dict.fromkeys("‐‑‒–—−", "-")}
)
UNSEEN = {"Cf", "Mn", "Cc"}
MARKUP = "*`|#>"
LEFT_OUT = re.compile(r"\s*(?:\[…\]|\[\.\.\.\]|…|\.\.\.)\s*")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
Span = tuple[int, int]


def place_of(quote: str, text: str) -> Span | None:
    """From which character of the text to which the quote stands, or None.

    `…` within a quote stands for what was left out: the parts must follow one another.
    """
    for written in dict.fromkeys((quote, html.unescape(quote))):
        parts = [part for part in LEFT_OUT.split(written) if _folded(part)[0]]
        if parts and all(map(_is_evidence, parts)) and (span := _place_of_all(parts, text)):
            return span
    return None


def _place_of_all(parts: list[str], text: str) -> Span | None:
    start, end = None, 0
    for part in parts:
        span = _place_after(end, part, text)
        if span is None:
            return None
        start, end = (span[0] if start is None else start), span[1]
    return (start or 0, end)


def _place_after(earliest: int, part: str, text: str) -> Span | None:
    wanted, _ = _folded(part)
    folded, places = _folded(text)
    at = folded.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if places[at] >= earliest and not _cuts_a_word(folded, at, end):
            return places[at], places[end - 1] + 1
        at = folded.find(wanted, at + 1)
    return None


def _cuts_a_word(folded: str, start: int, end: int) -> bool:
    """ "5 days" does not stand in "15 days", nor "35" in "3.35%" or "35,000"."""
    before, behind = folded[max(0, start - 2) : start], folded[end : end + 2]
    first, last = folded[start], folded[end - 1]
    if (first.isdigit() and re.fullmatch(r"\d[.,]", before)) or (last.isdigit() and re.fullmatch(r"[.,]\d", behind)):
        return True
    return _belong_together(before[-1:], first) or _belong_together(last, behind[:1])


def _belong_together(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum() and not (UNSPACED.match(left) or UNSPACED.match(right))


def _is_evidence(part: str) -> bool:
    if any(character.isdigit() for character in part):
        return True
    letters = [character for character in part if character.isalpha()]
    return sum(LETTERS_OF_A_CHARACTER if UNSPACED.match(one) else 1 for one in letters) >= FEWEST_LETTERS


@lru_cache(maxsize=256)
def _folded(text: str) -> tuple[str, tuple[int, ...]]:
    """The text in one form, and the place in the original of each of its characters."""
    cited = MARK.sub(lambda match: " " * len(match.group()), text)
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(cited):
        if (unicodedata.category(character) in UNSEEN and not character.isspace()) or character in MARKUP:
            continue
        for one in unicodedata.normalize("NFKC", character.translate(SAME)).casefold().translate(SAME):
            if one.isspace() and (not folded or folded[-1] == " "):
                continue
            folded.append(" " if one.isspace() else one)
            places.append(place)
    while folded and folded[-1] == " ":
        folded.pop()
        places.pop()
    return "".join(folded), tuple(places)
