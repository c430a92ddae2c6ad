"""Two ways of reading that all identifiers share: one match after another, and the word in front of a number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Places = Iterator[tuple[int, int]]
CONTEXT = 60  # characters in front of a number that may say what it is


def scan(pattern: re.Pattern[str], text: str, end_of: Callable[[re.Match[str]], int]) -> Places:
    """Where `pattern` matches and `end_of` gives an end; where it gives 0, the next match may begin inside this one.

    Linear as long as the pattern's longest match is bounded.
    """
    place = 0
    while match := pattern.search(text, place):
        if end := end_of(match):
            yield match.start(), end
        place = end or match.start() + 1


def is_named(name: re.Pattern[str], text: str, start: int) -> bool:
    """Whether the words right in front of `start` name what begins there. `name` ends with `$`."""
    before = text[max(0, start - CONTEXT) : start]
    return not before.rstrip()[-1:].isdigit() and bool(name.search(before))
