"""Whether a fresh answer says what a saved one does, as far as that can be told without reading."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.grounding.figure_matching import stands_in
from chat.grounding.figure_reading import claims_in, figures_in
from chat.grounding.support import NEGATION
from chat.leaning import telling_words
from chat.models import SavedAnswer

MARK = re.compile(r"\[\d+\]")
SAME_WORDS = 0.5  # of the words of the shorter answer: below it nobody says without reading that two say the same


def says_the_same(text: str, cited: Sequence[int], saved: SavedAnswer) -> bool | None:
    """Whether a fresh answer says what a saved one does: the same figures, from the same passages, in much the same
    words, and as often "not". None where only a reader could tell."""
    before = [source.chunk_id for source in saved.sources.all()]
    if not set(cited) & set(before):
        return False
    if not (_figures_stand(text, saved.text) and _figures_stand(saved.text, text)):
        return False
    words, others = telling_words(MARK.sub("", text)), telling_words(MARK.sub("", saved.text))
    shared = len(words & others) / max(1, min(len(words), len(others)))
    is_as_negative = len(NEGATION.findall(text)) == len(NEGATION.findall(saved.text))
    return True if shared >= SAME_WORDS and is_as_negative else None


def _figures_stand(text: str, other: str) -> bool:
    known = figures_in(MARK.sub("", other))
    return all(stands_in(claim, known) for claim in claims_in(MARK.sub("", text)))
