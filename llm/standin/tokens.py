"""Tokens as the stand-in deals them out and bills them."""

from __future__ import annotations

import re

PIECE = re.compile(r"\s*(?:[A-Za-z]{1,8}|\d{1,3}|[^\W\d_]|[^\s])|\s+$", re.UNICODE)
BYTES_PER_TOKEN = 4


def split(text: str) -> list[str]:
    """The text in pieces of a few letters, which joined are the text again."""
    return PIECE.findall(text)


def estimate(text: str) -> int:
    """The size of a prompt: four bytes of UTF-8 are a token, as a rule of thumb."""
    return len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN + 1
