"""Whether a question leans on what was said before ("and for 15 years?"), told by its words alone.

This is what is left when no model reads the question first. It knows English, Spanish and Chinese; in other languages
only a question with next to no words of its own counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.context import Exchange
from knowledge.function_words import FUNCTION_WORDS
from knowledge.languages import likeliest_language
from knowledge.words import words_asked

LANGUAGES = frozenset(FUNCTION_WORDS) | {"zh"}
LONGEST = 160  # characters: who writes more says what it is about
OPENS = re.compile(
    r"\W*(and|or|but|what about|how about|what if|and if|same for|y|o|pero|y si|qu[eé] tal|qu[eé] hay de|"
    r"qu[eé] pasa con)\b|\W*(那么?|还有|另外|如果|要是|换成)",
    re.IGNORECASE,
)
POINTS_BACK = re.compile(
    r"\b(it|its|they|them|their|those|these|the same|that one|this one)\b"
    r"|\b(eso|esto|ello|aquello|lo mismo|[eé]sas?|[eé]sos?)\b"
    r"|\b(that|this)\b(?=\W*$|\s+(?:is|was|take|takes|cost|costs|work|works|mean|means|happen|happens)\b)"
    r"|\blo\s+(?:hago|puedo|pago|cambio|cierro|cancelo|pido|necesito)\b|它|这个|那个|这样|那样|呢[？?]?\s*$",
    re.IGNORECASE,
)


def leans_on_history(question: str) -> bool:
    """Whether the question is short, and goes on from another or points back to it."""
    if len(question) > LONGEST:
        return False
    return bool(OPENS.match(question) or POINTS_BACK.search(question)) or len(telling_words(question)) <= 1


def joined(question: str, history: Sequence[Exchange]) -> str:
    """The question as it is searched without a model: one that leans is put behind the one that it leans on."""
    if not leans_on_history(question):
        return question
    earlier = [said.question for said in reversed(history)]
    ground = next((text for text in earlier if not leans_on_history(text)), earlier[0] if earlier else "")
    return f"{ground} {question}".strip()


def telling_words(text: str) -> frozenset[str]:
    """The stems of the words of a text that carry its subject, in whatever language it is. Numbers carry none."""
    language = likeliest_language(text, LANGUAGES)
    stems = (stem for word in words_asked(text, [language], spoken=language) for stem in word)
    return frozenset(stem for stem in stems if not stem[:1].isdigit())
