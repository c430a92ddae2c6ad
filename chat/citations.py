"""Citations in a stream of text: `[3]` as the model wrote it becomes `[1]` if it is the first passage cited.

A citation of a passage that was never given is dropped, so that every number on the page leads somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from knowledge.search import Passage

MARK = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
UNFINISHED_MARK = re.compile(r"\s?\[(?:\d[\d\s,;]{0,20})?$|\s$")


@dataclass
class CitedText:
    """Renumbers citations while text comes in.

    `passages` are those that the model was given, numbered from 1; `cited` those it has cited, in order; `dropped` is
    how many numbers led nowhere.
    """

    passages: tuple[Passage, ...]
    cited: list[Passage] = field(default_factory=list)
    dropped: int = 0
    _held: str = ""

    def feed(self, text: str) -> str:
        """Text that may be shown now. What could be the beginning of a mark is held back."""
        text = self._held + text
        unfinished = UNFINISHED_MARK.search(text)
        self._held = unfinished.group() if unfinished else ""
        return self._renumber(text[: len(text) - len(self._held)])

    def finish(self) -> str:
        """What was held back, at the end of the stream."""
        held, self._held = self._held, ""
        return self._renumber(held)

    def _renumber(self, text: str) -> str:
        def marks(match: re.Match[str]) -> str:
            given = (int(number) for number in re.findall(r"\d+", match.group(1)))
            return "".join(f"[{number}]" for number in self._numbers(given))

        return MARK.sub(marks, text)

    def _numbers(self, given: Iterable[int]) -> list[int]:
        numbers = []
        for number in given:
            if 1 <= number <= len(self.passages):
                passage = self.passages[number - 1]
                if passage not in self.cited:
                    self.cited.append(passage)
                numbers.append(self.cited.index(passage) + 1)
            else:
                self.dropped += 1
        return list(dict.fromkeys(numbers))
