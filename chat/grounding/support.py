"""How well the sources bear out a sentence, as far as that can be told without a model: by its words and figures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from chat.context import Lookup, Turn
from chat.grounding import evidence
from chat.grounding.figure_matching import stands_in
from chat.grounding.figure_reading import claims_in, figures_in
from chat.grounding.statements import plain, without_introduction
from chat.sentences import split
from knowledge.function_words import FUNCTION_WORDS
from knowledge.languages import language_of, likeliest_language
from knowledge.search import Passage
from knowledge.words import words_asked

CLEAR = 0.8  # share of a sentence's words that stand close together in a source: enough
NONE = 0.25  # share that stands anywhere in the sources: hardly any
FEWEST_WORDS = 3  # a shorter sentence is never without support for its words alone
TOGETHER = 3  # sentences that are read as one place
SAMPLE = 1_000  # characters of a source that tell its language
NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|without|neither|nor|none|nothing|nobody|unless|except|\w+n['’]t|"
    r"sin|nunca|jamás|ni|tampoco|ningun[oa]?|ningún|nada|salvo|excepto)\b|[不没沒无無未别非否勿]",
    re.IGNORECASE,
)
NAME = re.compile(r"(?<=[a-záéíóúñ0-9,;:)] )[A-ZÁÉÍÓÚÑ][\w'’-]+(?: [A-ZÁÉÍÓÚÑ][\w'’-]+)*")
MARK = re.compile(r"\[(\d{1,3})\](?!\()")


class Support(Enum):
    CLEAR = "clear"
    UNSURE = "unsure"
    NONE = "none"


@dataclass(frozen=True)
class _Place:
    """A sentence of a source, with the words of those around it."""

    words: frozenset[str]
    is_negative: bool
    around: frozenset[str]


def support_of(turn: Turn, sentence: str) -> Support:
    """What the passages say of a sentence: those that it cites, and then all of them.

    What was looked up is mostly figures: a sentence that states those of one look-up is clear. Words prove nothing
    against a sentence in another language than the sources, or where tools were used.
    """
    said = without_introduction(sentence)
    cited = _cited(turn, sentence)
    for passages in (cited, turn.passages):
        if any(_is_clear(said, passage) for passage in passages):
            return Support.CLEAR
    if any(_is_from(said, lookup) for lookup in turn.lookups):
        return Support.CLEAR
    sources = [*evidence.found_texts(turn), *evidence.replies(turn)]
    if turn.lookups or (sources and _is_foreign(said, sources)):
        return Support.UNSURE
    return Support.NONE if _is_bare(said, sources) else Support.UNSURE


def figures_are_cited(turn: Turn, sentence: str) -> bool:
    """Whether each figure of a sentence stands in a passage that the sentence itself cites."""
    claims = claims_in(without_introduction(sentence))
    figures = [figures_in(evidence.text_of(passage)) for passage in _cited(turn, sentence)]
    return all(any(stands_in(claim, of_passage) for of_passage in figures) for claim in claims)


def _cited(turn: Turn, sentence: str) -> list[Passage]:
    numbers = (int(number) for number in MARK.findall(sentence))
    return [turn.cited[number - 1] for number in numbers if 1 <= number <= len(turn.cited)]


def _is_clear(said: str, passage: Passage) -> bool:
    text = evidence.text_of(passage)
    if _has(_plain(text), plain(said)):
        return True
    language = _language(text)
    words = _words(said, language)
    if len(words) < FEWEST_WORDS or _unknown_names(said, [text]):
        return False
    if not all(stands_in(claim, figures_in(text)) for claim in claims_in(said)):
        return False
    heading = frozenset().union(*_words(f"{passage.title} {passage.heading}", language))
    is_negative = bool(NEGATION.search(said))
    best = max(
        _places(text, language),
        key=lambda place: (_share(words, place.around | heading), _share(words, place.words)),
        default=None,
    )
    return best is not None and _share(words, best.around | heading) >= CLEAR and best.is_negative == is_negative


def _is_from(said: str, lookup: Lookup) -> bool:
    """Whether it states figures, all of them those of one look-up, and no name that is not there."""
    looked_up = f"{json.dumps(lookup.arguments, ensure_ascii=False)}\n{evidence.without_orders(lookup.result)}"
    claims, figures = claims_in(said), figures_in(looked_up)
    return bool(claims) and all(stands_in(claim, figures) for claim in claims) and not _unknown_names(said, [looked_up])


def _has(text: str, said: str) -> bool:
    """Whether a text has these very words; in Latin letters only whole ones."""
    return f" {said} " in f" {text} " if said.isascii() else said in text


def _is_bare(said: str, sources: Sequence[str]) -> bool:
    """Whether hardly a word of it stands in any source, or half of them with a name that is nowhere.

    Never where its figures do: they are what is hardest to hit by chance.
    """
    claims = claims_in(said)
    if claims and all(any(stands_in(claim, figures_in(text)) for text in sources) for claim in claims):
        return False
    shares = [
        _share(words, frozenset().union(*(place.words for place in _places(text, language))))
        for text in sources
        for language in [_language(text)]
        if len(words := _words(said, language)) >= FEWEST_WORDS
    ]
    if not sources:
        return True
    if not shares:
        return False
    return max(shares) <= NONE or (max(shares) <= 0.5 and bool(_unknown_names(said, sources)))


def _unknown_names(said: str, sources: Iterable[str]) -> list[str]:
    """Words with a capital within a sentence that no source has."""
    known = " ".join(map(_plain, sources))
    return [name for name in NAME.findall(MARK.sub("", said)) if not all(word in known for word in plain(name).split())]


def _is_foreign(said: str, sources: Iterable[str]) -> bool:
    return likeliest_language(said, frozenset(FUNCTION_WORDS)) not in {_language(text) for text in sources}


def _share(words: Sequence[tuple[str, ...]], terms: frozenset[str]) -> float:
    return sum(any(stem in terms for stem in stems) for stems in words) / len(words) if words else 0.0


def _words(text: str, language: str) -> list[tuple[str, ...]]:
    return words_asked(MARK.sub("", text), (language,), spoken=language)


@lru_cache(maxsize=512)
def _language(text: str) -> str:
    return language_of(text[:SAMPLE])


@lru_cache(maxsize=512)
def _plain(text: str) -> str:
    return plain(text)


@lru_cache(maxsize=512)
def _places(text: str, language: str) -> tuple[_Place, ...]:
    """The sentences of a source."""
    sentences = split(text)
    words = [frozenset(stem for stems in _words(sentence, language) for stem in stems) for sentence in sentences]
    return tuple(
        _Place(words[n], bool(NEGATION.search(sentence)), frozenset().union(*words[max(0, n - 1) : n + TOGETHER - 1]))
        for n, sentence in enumerate(sentences)
    )
