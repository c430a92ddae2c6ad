"""Slips of the keyboard: whether a word that nobody knows is one that is known, misspelt.

Only an unknown word against a known one, and only inside the word: "employer" and "employee", "contact" and "contract"
are two words each.
"""

from __future__ import annotations

from chat.answer_cache.languages.lexicon import Lexicon
from chat.answer_cache.signature import Word

SHORTEST, LONG, LONGEST = 5, 9, 30  # letters for one slip, for two, and of any word
VOWELS = frozenset("aeiouy")


def is_slip(one: Word, other: Word, lexicon: Lexicon) -> bool:
    if one.is_figure or other.is_figure or one.is_name or other.is_name:
        return False
    a, b = one.said, other.said
    is_comparable = a.isalpha() and b.isalpha() and a[0] == b[0] and abs(len(a) - len(b)) <= 2
    if not is_comparable or not SHORTEST <= min(len(a), len(b)) <= LONGEST:
        return False
    if lexicon.is_word(a) == lexicon.is_word(b):
        return False
    a, b = _without_plural(a), _without_plural(b)
    return a[-1] == b[-1] and 0 < _slips(a, b) <= (2 if min(len(a), len(b)) >= LONG else 1)


def _without_plural(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _slips(a: str, b: str) -> int:
    """Letters left out, put in, doubled, changed places, or a vowel for another; many where it is something else.

    The distance of Damerau in its restricted form, with consonants that may not stand for each other.
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        earlier, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            swap = 0 if x == y else 1 if {x, y} <= VOWELS else 3
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + swap))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                row[-1] = min(row[-1], earlier[j - 2] + 1)
    return row[-1]
