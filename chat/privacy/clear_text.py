"""A text as its reader sees it, for finding what stands in it: invisible characters gone, look-alikes plain.

Full-width digits, zero-width spaces and soft hyphens between digits, keycaps: all read as digits; an en dash is a dash,
and a hard space a space. What is found is reported in places of the text as it was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

INVISIBLE = {"Cf", "Me", "Cc", "Cs", "Co"}  # zero-width, tags, bidi marks, soft hyphen; keycaps; control characters
ALSO_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\uffa0")  # fillers and joiners
SPACES = "\t\n\v\f\r\x85\u2028\u2029"


@dataclass(frozen=True)
class ClearText:
    """`text` is what is read; `places[i]` is where its character i stands in the original (None: at i itself)."""

    text: str
    places: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """`text[start:end]`, which must not be empty, as a span of the original."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def clear(text: str) -> ClearText:
    """Read a text character by character; the time is linear in its length."""
    if text.isascii():
        return ClearText(text)
    read: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = _plain(character)
        read.append(plain)
        places += [place] * len(plain)
    return ClearText("".join(read), places)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """What one character reads as: nothing, itself, or its plain form (Unicode NFKC; any script's digits as 0-9)."""
    category = unicodedata.category(character)
    if character.isascii() or character in SPACES:
        return character
    if category in INVISIBLE or character in ALSO_INVISIBLE or unicodedata.name(character, "").startswith("VARIATION"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "\u2212":
        return "-"
    if category == "Zs":
        return " "
    return unicodedata.normalize("NFKC", character)
