"""Cuts growing Markdown into blocks: a finished block is rendered once, the open one is shown as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
LIST_ITEM = re.compile(r"^ {0,3}(?:[-*+]|\d{1,9}[.)])\s")
INDENTED = re.compile(r"^\s{2,}\S")
UNDECIDED = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)]?)?\s*$")  # the beginning of a line that may become an item


@dataclass
class Blocks:
    """`finished` blocks never change again; `open` is the text after them. Joined they are the whole text."""

    finished: list[str] = field(default_factory=list)
    open: str = ""

    def feed(self, text: str) -> None:
        """Add text and finish each block that can no longer grow."""
        self.open += text
        if "\n" in self.open:
            *ended, self.open = split(self.open)
            self.finished += ended

    def finish(self) -> None:
        """The text is over: the open block is finished too."""
        if self.open:
            self.finished.append(self.open)
            self.open = ""

    @property
    def text(self) -> str:
        return "".join(self.finished) + self.open


def of(text: str) -> Blocks:
    """The blocks of a text that is whole."""
    blocks = Blocks()
    blocks.feed(text)
    blocks.finish()
    return blocks


def split(text: str) -> list[str]:
    """Cut text where a blank line is followed by a new block; the last piece may still grow.

    A list goes on over blank lines, and so does a fenced block until its fence is closed.
    """
    blocks: list[str] = []
    current: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        after_blank = bool(current) and not current[-1].strip()
        if after_blank and not fence and line.strip() and not _continues(current, line):
            blocks.append("".join(current))
            current = []
        current.append(line)
        fence = _fence_after(fence, line)
    return [*blocks, "".join(current)]


def _continues(block: list[str], line: str) -> bool:
    """Whether a line after a blank one still belongs to the list that the block is."""
    is_list = bool(LIST_ITEM.match(block[0]))
    return is_list and any(pattern.match(line) for pattern in (LIST_ITEM, INDENTED, UNDECIDED))


def _fence_after(fence: str, line: str) -> str:
    found = FENCE.match(line)
    if not found:
        return fence
    if not fence:
        return found.group(1)
    closes = found.group(1).startswith(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence
