"""Lists as people type them, in a cell of a table or a field of a form: one item on a line, `|` between wordings.

A backslash takes the meaning away: `\\|` is a bar, `\\n` a line end within an item, `\\\\` a backslash. What is written
here is read back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

ESCAPED = re.compile(r"\\([\\|n])")
BAR = re.compile(r"(?<!\\)((?:\\\\)*)\|")  # one that no backslash stands before
MEANS = {"\\": "\\", "|": "|", "n": "\n"}


def lines_of(items: Iterable[str]) -> str:
    """One item on a line."""
    return "\n".join(map(_escaped, items))


def items_of(text: str) -> list[str]:
    """The items of a text, empty lines left out."""
    return [item for line in _lines(text) if (item := _plain(line).strip())]


def lines_of_facts(facts: Iterable[Iterable[str]]) -> str:
    """One fact on a line, with `|` between the ways to put it."""
    return "\n".join(" | ".join(map(_escaped, fact)) for fact in facts)


def facts_of(text: str) -> list[list[str]]:
    """The facts of a text, each with its wordings."""
    facts = ([_plain(part).strip() for part in _parts(line)] for line in _lines(text))
    return [wordings for fact in facts if (wordings := [part for part in fact if part])]


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _parts(line: str) -> list[str]:
    """A line cut at its bars."""
    return BAR.sub(lambda found: f"{found[1]}\0", line.replace("\0", "")).split("\0")


def _escaped(item: str) -> str:
    return item.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")


def _plain(line: str) -> str:
    return ESCAPED.sub(lambda found: MEANS[found[1]], line)
