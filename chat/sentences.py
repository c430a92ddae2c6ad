"""Cuts a stream of text into sentences, so that each can be checked before the page shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 600  # characters after which a sentence without an end is cut at a space
CITED = r"(?:\s*\[[\w, ;]{1,20}\])*"
END = re.compile(
    rf"[.!?…]+[\"'”’)*_]*{CITED}\s+(?=[^\s\[])"
    rf"|[。！？]+[”’）」]*{CITED}(?=[^\[])"
    r"|\n+"
)


@dataclass
class Sentences:
    """Feed it text, take whole sentences, with the spaces behind them: joined they are the text."""

    _held: str = ""

    def feed(self, text: str) -> list[str]:
        self._held += text
        whole = []
        while match := END.search(self._held):
            whole.append(self._held[: match.end()])
            self._held = self._held[match.end() :]
        if len(self._held) > LONGEST:
            cut = self._held.rfind(" ", 0, LONGEST) + 1 or LONGEST
            whole.append(self._held[:cut])
            self._held = self._held[cut:]
        return whole

    def finish(self) -> list[str]:
        """What is left at the end of the stream."""
        held, self._held = self._held, ""
        return [held] if held else []
