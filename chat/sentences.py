"""Cuts a stream of text into sentences, so that each can be checked before the page shows it.

A sentence comes with its citation marks and the space behind it. Each line ends one, so do items of lists and rows of
tables; fenced code is one piece. However the text is cut on its way, the sentences are the same, and joined they are
the text. What is held back is short, so that the cost is linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat.blocks import FENCE, fence_after
from chat.sentence_ends import STOP, decide

LONGEST = 600  # characters after which a sentence without an end is cut at a space
LONGEST_CODE = 4_000  # characters after which fenced code is cut at a line
BEGUN_FENCE = re.compile(r" {0,3}(?:`{0,2}|~{0,2})\Z")
PAUSE = re.compile(r".*[\s，、；：,;]", re.DOTALL)
LONGEST_MARK = 60  # characters: citation marks and placeholders such as [EMAIL_1] are not cut


@dataclass
class Sentences:
    """Feed it text, take whole sentences."""

    _held: str = ""
    _looked: int = 0  # up to where `_held` has no end
    _begins_line: bool = True
    _fence: str = ""  # that is open

    def feed(self, text: str) -> list[str]:
        self._held += text
        return self._take(is_over=False)

    def finish(self) -> list[str]:
        """What is left at the end of the stream."""
        whole = self._take(is_over=True)
        rest, self._held, self._looked = self._held, "", 0
        return [*whole, rest] if rest else whole

    def _take(self, *, is_over: bool) -> list[str]:
        whole, start = [], 0
        while (end := self._end(start, is_over=is_over)) is not None:
            whole.append(self._held[start:end])
            self._begins_line = self._held[end - 1] == "\n"
            start = self._looked = end
        self._held, self._looked = self._held[start:], self._looked - start
        return whole

    def _end(self, start: int, *, is_over: bool) -> int | None:
        """Where the piece that begins at `start` ends, if that is certain."""
        if start == len(self._held):
            return None
        if self._fence:
            return self._end_of_code(start, is_over=is_over)
        if self._begins_line and self._looked == start:
            if not is_over and BEGUN_FENCE.match(self._held, start):
                return None
            if FENCE.match(self._held[start : start + 8]):
                return self._end_of_code(start, is_over=is_over)
        return self._end_of_prose(start, is_over=is_over)

    def _end_of_prose(self, start: int, *, is_over: bool) -> int | None:
        longest = start + LONGEST
        while match := STOP.search(self._held, self._looked, longest):
            end = decide(self._held, start, match.start(), is_over=is_over)
            if end is None:
                self._looked = match.start()
                return None
            if end.is_one:
                return end.at
            self._looked = end.at
        if len(self._held) > longest:
            return start + _cut(self._held[start:longest])
        self._looked = max(self._looked, len(self._held))
        return None

    def _end_of_code(self, start: int, *, is_over: bool) -> int | None:
        """Behind the line that closes the fence, or at a line where the code grows too long."""
        while (line_end := self._held.find("\n", self._looked)) >= 0 and line_end < start + LONGEST_CODE:
            line = self._held[self._looked : line_end]
            self._fence, was = fence_after(self._fence, line), self._fence
            if was and not self._fence:
                end = decide(self._held, start, line_end, is_over=is_over)
                self._fence = "" if end else was
                return end.at if end else None
            self._looked = line_end + 1
        if len(self._held) > start + LONGEST_CODE:
            return self._looked if self._looked > start else start + LONGEST_CODE
        return None


def split(text: str) -> list[str]:
    """The sentences of a text that is whole; joined they are the text."""
    sentences = Sentences()
    return [*sentences.feed(text), *sentences.finish()]


def _cut(window: str) -> int:
    """Where to cut a sentence that is too long: behind the last space or comma, not within a mark."""
    pause = PAUSE.match(window)
    cut = pause.end() if pause else len(window)
    opened = window.rfind("[", max(1, cut - LONGEST_MARK), cut)
    return opened if opened > 0 and "]" not in window[opened:cut] else cut
