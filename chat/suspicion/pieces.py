"""A question in pieces, so that one part of it can be left out."""

from __future__ import annotations

import re

from chat.suspicion.folding import END, tokens_of

MOST = 8  # pieces; what follows is one
SHORTEST = 3  # tokens; a shorter piece belongs to the one before
_between = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")


def pieces_of(text: str) -> list[str]:
    """The sentences of a text, the shortest ones together with their neighbours."""
    pieces: list[str] = []
    for sentence in _between.split(text):
        is_short = sum(token.text != END for token in tokens_of(sentence)) < SHORTEST
        if pieces and (is_short or len(pieces) == MOST):
            pieces[-1] += f" {sentence}"
        elif sentence.strip():
            pieces.append(sentence)
    return [piece.strip() for piece in pieces]
