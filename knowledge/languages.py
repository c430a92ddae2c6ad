"""Which language a text is in."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

SAMPLE = 5000  # characters
SURE = 0.6  # probability; below it, short texts are taken for any language
DEFAULT = "en"


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # here: its model takes half a second to load

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def language_of(text: str) -> str:
    """The ISO 639-1 code of a text's language; English when it cannot be told."""
    language, probability = _identifier().classify(text[:SAMPLE])
    return str(language) if probability >= SURE else DEFAULT


def likeliest_language(question: str, among: Collection[str]) -> str:
    """Which of these languages a question is in; a question is too short to choose among all that there are."""
    if len(among) == 1:
        return next(iter(among))
    ranked = (str(language) for language, _ in _identifier().rank(question))
    return next((language for language in ranked if language in among), DEFAULT)
