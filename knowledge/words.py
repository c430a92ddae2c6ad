"""Text into words that can be compared: the same way for documents and for questions.

Letters are folded (compatibility forms, case, accents), words are stemmed by Snowball's rules for their
language, numbers stay whole, compounds are kept both apart and joined ("e-mail" is found by "email", "401(k)"
by "401k"), and scripts that are written without spaces become pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import Stemmer

from knowledge.function_words import FUNCTION_WORDS

HEADING_LABEL = "A"  # Postgres labels positions A to D, D being text without a label
LAST_POSITION = 16_383  # of a tsvector; what stands later counts at that position
POSITIONS_PER_WORD = 255  # of a tsvector
LONGEST_WORD = 80  # characters; longer ones are cut alike in documents and questions

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u3040-\u30ff\uac00-\ud7af"  # kana, hangul
)
INDIC = "\u0900-\u0963\u0966-\u0dff"  # vowel signs are no \w, yet parts of words
# soft hyphens, zero-width characters, and the vowel marks that Hebrew and Arabic writers mostly leave out
UNWRITTEN = "\u00ad\u200b-\u200f\u2060\ufeff\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"

_unwritten = re.compile(f"[{UNWRITTEN}]")
_letter = rf"(?:[^\W_{UNSPACED}]|[{INDIC}])"
_token = re.compile(
    rf"(?P<unspaced>[{UNSPACED}]+)"
    r"|(?P<number>\d+(?:[.,]\d+)+)"
    rf"|(?P<compound>{_letter}+(?:['’‐‑-]{_letter}+|(?<=\d)\({_letter}+\)|(?<=\b[^\W\d_])\.[^\W\d_]\b)*)"
)
_joints = re.compile(r"['’‐‑().-]+")
_possessive = re.compile(r"['’]s$")
_thousands = re.compile(r",(?=\d{3}(?!\d))")
_accents = re.compile("(?<=[a-zα-ω])[\u0300-\u036f]+")


@dataclass(frozen=True)
class Words:
    """What a stretch of a document says, ready for Postgres.

    `vector` is the literal of a tsvector with positions (the heading's labelled A), `length` the number of
    words of heading and text, `terms` their distinct stems.
    """

    vector: str
    length: int
    terms: frozenset[str]


def analyse(text: str, language: str, *, heading: str = "") -> Words:
    """The words of a document's `text` under its `heading`.

    They are stemmed for the document's `language` (ISO 639-1); a language without rules is not stemmed.
    """
    positions: dict[str, list[str]] = {}
    length = 0
    for part, label in ((heading, HEADING_LABEL), (text, "")):
        for token in _tokens(part):
            length += 1
            for term in _stems(token, [language]):
                positions.setdefault(term, []).append(f"{min(length, LAST_POSITION)}{label}")
    vector = " ".join(f"'{term}':{','.join(at[:POSITIONS_PER_WORD])}" for term, at in positions.items())
    return Words(vector, length, frozenset(positions))


def words_asked(question: str, languages: Collection[str], *, spoken: str) -> list[tuple[str, ...]]:
    """The distinct words of a question, each as its stems in all `languages` of the library.

    Words that only carry a sentence in the `spoken` language are left out, unless the question has no others.
    """
    tokens = dict.fromkeys(_tokens(question))
    carrying = _function_words(spoken)
    telling = [token for token in tokens if _without_accents(token) not in carrying]
    return list(dict.fromkeys(_stems(token, languages) for token in telling or tokens))


@cache
def _function_words(language: str) -> frozenset[str]:
    return frozenset(_without_accents(word) for word in FUNCTION_WORDS.get(language, ()))


def _stems(word: str, languages: Iterable[str]) -> tuple[str, ...]:
    """The distinct stems of a word in these languages, made with its accents and without; itself if one has no rules.

    People leave out accents that Snowball's suffixes have: "cancelação" is stored as "cancel" and as "cancelaca", and
    either finds it.
    """
    plain = _without_accents(word)
    forms = (plain,) if plain == word else (word, plain)
    stemmers = [_stemmer(language) for language in languages]
    stems = [_without_accents(stemmer.stemWord(form)) for stemmer in stemmers if stemmer for form in forms]
    return tuple(dict.fromkeys(stems if stems and all(stemmers) else [*stems, plain]))


def _stemmer(language: str) -> Stemmer.Stemmer | None:
    try:
        return Stemmer.Stemmer(language)  # made anew, in 0.5 µs: one may not be shared by threads
    except KeyError:
        return None


def _tokens(text: str) -> Iterator[str]:
    for match in _token.finditer(_folded(text)):
        token = match.group()
        if match.lastgroup == "unspaced":
            yield from _character_pairs(token)
        elif match.lastgroup == "number":
            yield _thousands.sub("", token)[:LONGEST_WORD]
        else:
            yield from (part[:LONGEST_WORD] for part in _compound(token))


def _folded(text: str) -> str:
    compatible = unicodedata.normalize("NFKC", _unwritten.sub("", text))
    return unicodedata.normalize("NFKC", compatible.casefold())


def _character_pairs(run: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(run)) if len(run) > 1 else iter((run,))


def _compound(token: str) -> list[str]:
    parts = [part for part in _joints.split(_possessive.sub("", token)) if part]
    return parts if len(parts) == 1 else [*parts, "".join(parts)]


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _accents.sub("", unicodedata.normalize("NFD", word)))


def full_heading(title: str, heading: str) -> str:
    """A document's title and the path of headings below it, without saying the title twice."""
    return heading if heading.startswith(title) else " › ".join(part for part in (title, heading) if part)
