"""Which language a question is in, told by its script and its smallest words; a short one often cannot be told.

A statistical guess on six words is wrong too often to refuse a saved answer by: a guess is made only where words speak.
"""

from __future__ import annotations

import re

from chat.answer_cache.languages.chinese import CHINESE
from chat.answer_cache.languages.english import ENGLISH
from chat.answer_cache.languages.lexicon import Lexicon, folded
from chat.answer_cache.languages.others import OTHERS, UNKNOWN
from chat.answer_cache.languages.spanish import SPANISH
from knowledge.function_words import FUNCTION_WORDS

SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
    ("arabic", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("hebrew", re.compile("[\u0590-\u05ff]")),
    ("indic", re.compile("[\u0900-\u0dff]")),
)
LATIN_WORD = re.compile(r"[^\W\d_\u0370-\uffff]+")
LETTERS = (("es", re.compile("[¿¡ñ]")), ("de", re.compile("ß")), ("pt", re.compile("[ãõ]")))
LEXICONS: dict[str, Lexicon] = OTHERS | {"en": ENGLISH, "es": SPANISH, "zh": CHINESE}
SMALL_WORDS = {
    language: frozenset(folded(word) for word in known)
    for language, known in FUNCTION_WORDS.items()
    if language != "zh"
}
LEAD = 0.3  # of a word: by so much one language has to speak more clearly than the next


def tongue_of(text: str) -> str:
    """The ISO 639-1 code or the script's name, of a text in small letters; empty where it cannot be told."""
    latin = LATIN_WORD.findall(text)
    for name, pattern in SCRIPTS:
        count = len(pattern.findall(text))
        if count and count >= len(latin):
            return name
    return _latin(text, latin)


def lexicon_of(tongue: str) -> Lexicon:
    """What is known about a language; English is assumed for short Latin texts such as "refinance rates"."""
    return LEXICONS.get(tongue, ENGLISH if not tongue else UNKNOWN)


def _latin(text: str, found: list[str]) -> str:
    said = [folded(word) for word in found]
    votes: dict[str, float] = dict.fromkeys(LEXICONS, 0.0)
    for word in said:
        speakers = [language for language, known in SMALL_WORDS.items() if word in known]
        for language in speakers:
            votes[language] += 1 / len(speakers)
        for language in ("en", "es"):
            votes[language] += 0.4 * (LEXICONS[language].is_word(word) and not speakers)
    for language, letters in LETTERS:
        votes[language] += 2 * bool(letters.search(text))
    second, first = sorted(votes, key=lambda language: votes[language])[-2:]
    return first if votes[first] - votes[second] >= LEAD else ""
