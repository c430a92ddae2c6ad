"""Cuts growing Markdown into blocks: a finished block is rendered once, the open one is shown as plain text.

A block ends at a blank line that a new block follows. A list goes on over blank lines, and so does a fenced block
until its fence is closed. Each line is read once, however the text comes in.
"""

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
    _read: int = 0  # how much of `open` are whole lines that have been looked at
    _fence: str = ""
    _is_list: bool = False
    _after_blank: bool = False

    def feed(self, text: str) -> None:
        """Add text and finish each block that can no longer grow."""
        self.open += text
        *lines, begun = self.open[self._read :].split("\n")
        for line in lines:
            self._take(line + "\n")
        self._end_block_before(begun)

    def finish(self) -> None:
        """The text is over: the open block is finished too."""
        if self.open:
            self.finished.append(self.open)
            self.open = ""

    @property
    def text(self) -> str:
        return "".join(self.finished) + self.open

    def _take(self, line: str) -> None:
        """Read a whole line of the open block, or the first one of the next."""
        self._end_block_before(line)
        if not self._read:
            self._is_list = bool(LIST_ITEM.match(line))
        self._read += len(line)
        self._fence = fence_after(self._fence, line)
        self._after_blank = not line.strip()

    def _end_block_before(self, line: str) -> None:
        """Finish the open block if this line, perhaps only begun, shows that another one begins."""
        if self._after_blank and not self._fence and line.strip() and not self._continues(line):
            self.finished.append(self.open[: self._read])
            self.open = self.open[self._read :]
            self._read, self._after_blank = 0, False

    def _continues(self, line: str) -> bool:
        """Whether a line after a blank one still belongs to the list that the block is."""
        return self._is_list and any(pattern.match(line) for pattern in (LIST_ITEM, INDENTED, UNDECIDED))


def of(text: str) -> Blocks:
    """The blocks of a text that is whole."""
    blocks = Blocks()
    blocks.feed(text)
    blocks.finish()
    return blocks


def fence_after(fence: str, line: str) -> str:
    """The fence that is open after a line, if before it `fence` was ("": none)."""
    found = FENCE.match(line)
    if not found:
        return fence
    if not fence:
        return found.group(1)
    closes = found.group(1).startswith(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence
