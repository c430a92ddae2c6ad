"""Text that every store, log and page can take: no NUL, no lone surrogates, no control characters.

Postgres refuses NUL, UTF-8 refuses lone surrogates, and both come out of `json.loads` (F48).
Tabs and line ends stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without NUL, lone surrogates and control characters; two halves of one character are joined."""
    if not _UNWANTED.search(text):
        return text
    return _CONTROL.sub("", text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore"))


def clean_json(value: Any) -> Any:
    """A JSON value with each of its strings, keys too, cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    return value


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with `change` made to each of its texts; keys are names, and stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: each_text(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [each_text(inner, change) for inner in value]
    return value


class StreamCleaner:
    """Cleans a text that comes in pieces: the two halves of a character may lie in two of them."""

    def __init__(self) -> None:
        self._high_half = ""

    def feed(self, piece: str) -> str:
        """What is certain by now. A high half that is left at the end has no partner: it is dropped."""
        piece = self._high_half + piece
        self._high_half = piece[-1] if piece and "\ud800" <= piece[-1] <= "\udbff" else ""
        return clean(piece.removesuffix(self._high_half))
