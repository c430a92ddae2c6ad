"""Rules on statements as a judge is asked to: whether the sources say so, by words, figures and likeness."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llm.standin import languages, units
from llm.standin.embedder import Embedder
from llm.standin.exchange import Exchange

FIELDS = frozenset({"rulings"})
SOURCES = re.compile(r"<sources>(.*)</sources>", re.DOTALL)
STATEMENT = re.compile(r'<statement number="(\d{1,3})">([^<]*)</statement>')
TAG = re.compile(r"</?[a-z][^<>]{0,2000}>")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
CITATION = re.compile(r"\s?\[\d{1,3}\]")
NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|without|none|\w+n['’]t|sin|nunca|ningun[oa]?|tampoco)\b|[不没無无未别]", re.IGNORECASE
)
ALIKE = 0.62  # cosine from which two sentences say the same
SAME_WORDS = 0.6  # share of a statement's words that one place of the sources has
MAX_SENTENCES = 400


@dataclass(frozen=True)
class Sources:
    """The sentences of what may be relied on, each with the one after it."""

    sentences: list[str]
    numbers: frozenset[str]


def rule(exchange: Exchange) -> dict[str, Any]:
    """A ruling for each statement, with a reason in a few words."""
    asked = exchange.prompt.asked
    found = SOURCES.search(asked)
    sources = _read(found[1] if found else "")
    statements = [(int(number), html.unescape(text)) for number, text in STATEMENT.findall(asked)]
    whys = [_why_not(text, sources, exchange.embedder) for _, text in statements]
    rulings = [
        {"number": number, "why": why or "A source says so.", "supported": not why}
        for (number, _), why in zip(statements, whys, strict=True)
    ]
    return {"rulings": rulings}


def _read(text: str) -> Sources:
    plain = html.unescape(TAG.sub("\n", text))
    sentences = [sentence for line in plain.splitlines() for sentence in units.sentences(line)][:MAX_SENTENCES]
    return Sources(sentences, frozenset(NUMBER.findall(plain)))


def _why_not(statement: str, sources: Sources, embedder: Embedder) -> str:
    """Why the sources do not say so; empty if they do."""
    statement = CITATION.sub("", statement).strip()
    if not sources.sentences:
        return "There are no sources."
    if missing := [number for number in NUMBER.findall(statement) if number not in sources.numbers]:
        return f"No source has the figure {missing[0]}."
    closest = _closest(statement, sources.sentences, embedder)
    if not closest:
        return "No source speaks of this."
    if all(bool(NEGATION.search(statement)) != bool(NEGATION.search(sentence)) for sentence in closest):
        return "The sources say the opposite."
    return ""


def _closest(statement: str, sentences: Sequence[str], embedder: Embedder) -> list[str]:
    """The sentences, or pairs of them, that say something much like the statement."""
    language = languages.detect(statement)
    wanted = set(language.terms(statement))
    pairs = [" ".join(pair) for pair in zip(sentences, [*sentences[1:], ""], strict=True)]
    by_words = [
        pair for pair in pairs if wanted and len(wanted & set(language.terms(pair))) >= SAME_WORDS * len(wanted)
    ]
    if by_words or language.code != "en":
        return by_words
    rows = embedder.recall([statement, *sentences])
    return [sentence for sentence, likeness in zip(sentences, rows[1:] @ rows[0], strict=True) if likeness >= ALIKE]
