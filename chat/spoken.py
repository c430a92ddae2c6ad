"""In which language to answer a question that is too short to tell: in the one that the conversation is held in."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.utils.translation import get_language_info

from chat.context import Turn
from chat.history import UNSPACED
from knowledge.languages import language_of, likeliest_language

WORDS_THAT_TELL = 3  # "HELOC?" or "15 años" may be any language's, a sentence is not
LETTERS = re.compile(r"[^\W\d_]+")
NAMES = {"zh": "Chinese"}
LANGUAGES = frozenset({"en", "es", "zh", "fr", "de", "it", "pt", "nl", "pl", "ru", "ar", "hi", "ja", "ko", "vi", "tr"})


def language_to_answer_in(turn: Turn) -> str:
    """The code of the conversation's language where the question does not tell its own; empty where it does."""
    if _tells(turn.asked):
        return ""
    if turn.understood and turn.understood.language:
        return turn.understood.language
    return next((language_of(said.question) for said in reversed(turn.history) if _tells(said.question)), "")


def language_of_answer(turn: Turn) -> str:
    """The code of the language that the answer should be in, of those in LANGUAGES or one that triage named."""
    return language_to_answer_in(turn) or likeliest_language(turn.asked, LANGUAGES)


def language_among(turn: Turn, languages: Collection[str]) -> str:
    """Which of these languages our own sentences are to be in."""
    code = language_to_answer_in(turn)
    return code if code in languages else likeliest_language(turn.question, languages)


def name_of(code: str) -> str:
    """The English name of a language, empty for one that nobody knows: what a model named is never repeated to it."""
    try:
        return NAMES.get(code) or str(get_language_info(code)["name"])
    except KeyError:
        return ""


def _tells(text: str) -> bool:
    return bool(UNSPACED.search(text)) or len(LETTERS.findall(text)) >= WORDS_THAT_TELL
