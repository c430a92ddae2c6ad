"""Characters that nobody sees: taken out of what goes on, and what they spelled is read aloud.

Unicode's tag characters and variation selectors can carry a whole text unseen; zero-width and bidirectional ones
break words apart for a machine, or turn them round for a reader. What writing needs stays: the joiners of emoji,
Arabic, Persian and Indic scripts, and one selector behind the character that it selects.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

KINDS = {
    "tag characters": [(0xE0000, 0xE007F)],
    "variation selectors": [(0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0x180B, 0x180D)],
    "bidirectional controls": [(0x202A, 0x202E), (0x2066, 0x2069), (0x200E, 0x200F), (0x061C, 0x061C)],
    "zero-width characters": [(0x200B, 0x200D), (0x2060, 0x2064), (0x206A, 0x206F), (0xFEFF, 0xFEFF)],
    "soft hyphens": [(0x00AD, 0x00AD)],
    "blank letters": [(0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180E, 0x180E), (0x3164, 0x3164),
                      (0xFFA0, 0xFFA0)],
    "private characters": [(0xE000, 0xF8FF), (0xF0000, 0x10FFFD), (0xFFF9, 0xFFFB)],
}  # fmt: skip
KIND_OF = {
    chr(code): kind for kind, ranges in KINDS.items() for first, last in ranges for code in range(first, last + 1)
}
JOINERS = "\u200c\u200d"
EMOJI_SELECTORS = "\ufe0e\ufe0f"
JOINED_SCRIPTS = ("ARABIC", "SYRIAC", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL",
                  "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN")  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A text as a reader sees it, how many characters of each kind were hidden in it, and what tags spelled."""

    text: str
    hidden: dict[str, int]
    spelled: str = ""


def seen(text: str) -> Seen:
    """Take out what nobody sees. Looks at each character once."""
    if text.isascii():
        return Seen(text, {})
    kept: list[str] = []
    hidden: Counter[str] = Counter()
    spelled: list[str] = []
    for place, character in enumerate(text):
        kind = KIND_OF.get(character)
        if kind is None or _is_needed(character, text, place):
            kept.append(character)
            continue
        hidden[kind] += 1
        spelled.append(_meaning(character))
    return Seen("".join(kept), dict(hidden), "".join(spelled))


def _is_needed(character: str, text: str, place: int) -> bool:
    """Whether writing needs this unseen character here."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if character in EMOJI_SELECTORS:
        return bool(before) and not before.isascii() and before not in KIND_OF
    if character not in JOINERS or not before or not after:
        return False
    if character == "\u200d" and unicodedata.category(before) in ("So", "Sk", "Mn") and not after.isalpha():
        return unicodedata.category(after) == "So"
    return all(unicodedata.name(beside, "").startswith(JOINED_SCRIPTS) for beside in (before, after))


def _meaning(character: str) -> str:
    """What a tag character or a selector stands for when a text is smuggled in it: one byte."""
    code = ord(character)
    if 0xE0020 <= code <= 0xE007E:
        return chr(code - 0xE0000)
    byte = code - 0xFE00 if code <= 0xFE0F else code - 0xE0100 + 16 if 0xE0100 <= code <= 0xE01EF else 0
    return chr(byte) if 0x20 <= byte < 0x7F else ""
