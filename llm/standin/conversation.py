"""What a question means after those before it: "and for 15 years?" after one about 30 years."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from llm.standin import languages, phrases

OPENS = re.compile(
    r"\W*(?:and|or|but|so|what about|how about|what if|and what|y|o|pero|qu[eé] hay de|qu[eé] tal|那么|那|还有|如果)"
    r"(?:\b|(?<=[一-鿿]))[\s,，]*",
    re.IGNORECASE,
)
POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|those|these|the same|that one|eso|esto|ello|lo mismo)\b"
    r"|\b(?:that|this)\b(?=\W*$|\s+(?:is|was|take|takes|cost|costs|work|works|mean|means)\b)|它|这个|那个|呢[？?]?\s*$",
    re.IGNORECASE,
)
PREPOSITION = re.compile(r"(?:for|in|on|with|to|at|by|from|after|before|para|en|con|por|de|a)\b", re.IGNORECASE)
AMOUNT = re.compile(r"[$€£]?\d[\d,.]*[ -]?([^\W\d_])(?:(?<![一-鿿])[^\W\d_]*)?")
ENDS = " ?？.!。！呢"
SAID = re.compile(r"<(customer|assistant)>([^<]*)</\1>")
MOST = 6  # earlier questions that are read
LONGEST = 160  # characters: who writes more says what it is about


def said(text: str) -> list[tuple[str, str]]:
    """Who said what in the part of a prompt that tells it: ("customer", "How …?"), ("assistant", "Open …")."""
    return [(who, html.unescape(words).strip()) for who, words in SAID.findall(text)]


def leans(question: str) -> bool:
    """Whether it cannot be understood without what was said before."""
    if len(question) > LONGEST or phrases.small_talk(question, "en"):
        return False
    terms = languages.detect(question).terms(question)
    return bool(OPENS.match(question) or POINTS_BACK.search(question)) or len(terms) <= 1


def standalone(question: str, earlier: Sequence[str]) -> str:
    """The question with what it leaves out, taken from the earlier ones, the oldest of which comes first."""
    earlier = earlier[-MOST:]
    if not earlier or not leans(question):
        return question
    return _put_together(standalone(earlier[-1], earlier[:-1]), question)


def _put_together(ground: str, question: str) -> str:
    opening = OPENS.match(question)
    rest = question[opening.end() :].strip() if opening else question.strip()
    return (
        _with_another_phrase(ground, rest) or _with_another_amount(ground, rest) or _one_after_the_other(ground, rest)
    )


def _with_another_phrase(ground: str, rest: str) -> str:
    """The rates for 30 years → for 15 years."""
    preposition = PREPOSITION.match(rest)
    place = ground.casefold().rfind(f" {preposition[0].casefold()} ") if preposition else -1
    return f"{ground[:place]} {rest}" if place >= 0 else ""


def _with_another_amount(ground: str, rest: str) -> str:
    """The rates for 30 years → 15 years."""
    amount = AMOUNT.match(rest)
    old = next((found for found in AMOUNT.finditer(ground) if amount and found[1] == amount[1]), None)
    return ground[: old.start()] + amount[0] + ground[old.end() :] if amount and old else ""


def _one_after_the_other(ground: str, rest: str) -> str:
    language = languages.detect(ground).code
    if language == "zh":
        return f"{ground.rstrip(ENDS)}，{rest}"
    glue = " y " if language == "es" else ", and "
    return f"{ground.rstrip(ENDS)}{glue}{rest[:1].lower()}{rest[1:]}"
