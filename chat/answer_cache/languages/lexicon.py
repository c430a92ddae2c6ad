"""What is known about a language's words: which carry nothing, which say the same, and which turn a question round.

The tables are short on purpose. A word that stands in none of them counts in full, and so keeps two questions apart;
a table only ever lets through. So a word comes into one when people use it for nothing in particular, or when two words
are used for the same thing in ordinary questions to a business, not when they are merely near.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

import Stemmer

Rewriting = tuple[re.Pattern[str], str]
AGENT = re.compile(r"(?:er|or|ee|ist)s?$")  # an employer is no employee: Snowball would make both "employ"


@dataclass(frozen=True)
class Lexicon:
    """One language's tables. Words in them are folded: small letters, no accents."""

    language: str
    light: frozenset[str] = frozenset()  # carry nothing
    optional: frozenset[str] = frozenset()  # carry little: one that stands in one question alone makes no difference
    negators: frozenset[str] = frozenset()
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)  # stem → names of the groups that it belongs to
    lemmas: dict[str, str] = field(default_factory=dict)  # "paid" → "pay"
    markers: frozenset[str] = frozenset()  # prepositions and conjunctions that give the next word its part
    telling_markers: frozenset[str] = frozenset()  # those that tell something by themselves: "before"
    breaks: frozenset[str] = frozenset()  # words at which a new clause begins
    owners: dict[str, str] = field(default_factory=dict)  # "my" → "the customer's"
    modals: dict[str, str] = field(default_factory=dict)  # "required" → "must"
    tenses: dict[str, str] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)  # "or" → "or"
    persons: dict[str, str] = field(default_factory=dict)  # "i" → "customer": who does it to whom
    rewritings: tuple[Rewriting, ...] = ()  # turns of phrase → one word; in this order
    kinds: tuple[
        tuple[re.Pattern[str], tuple[str, ...]], ...
    ] = ()  # the first one that is found says what is asked for

    spelt: frozenset[str] = frozenset()  # words of which others might be taken for slips
    kind_if_no_other: tuple[tuple[str, str], ...] = ()  # a word, and the kind that it shows where nothing else does

    def keys(self, word: str) -> tuple[str, ...]:
        """What two words must have in common to say the same: their stem, or a group of synonyms."""
        stem = self.stem(word)
        return (stem, *self.groups.get(stem, ()))

    def stem(self, word: str) -> str:
        return stem(self.lemmas.get(word, word), self.language) if word.isascii() else word

    def is_word(self, word: str) -> bool:
        """Whether the word is certainly spelt as it is meant."""
        return self.knows(word) or word in self.spelt

    def knows(self, word: str) -> bool:
        return word in self.light or word in self.optional or word in self.lemmas or self.stem(word) in self.groups


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """Snowball's, but that who does a thing stays another than to whom it is done, and than the thing itself."""
    if language == "en" and (AGENT.search(word) or word in OWN_STEMS):
        return word if word in OWN_STEMS else word.removesuffix("s")
    try:
        return str(Stemmer.Stemmer(language).stemWord(word))
    except KeyError:
        return word


OWN_STEMS = frozenset(
    ["checking", "savings", "business", "news", "important", "university", "policy", "principle", "principal"]
)


def folded(text: str) -> str:
    """Small letters without accents, in compatibility form."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", re.sub("(?<=[a-z])[\u0300-\u036f]+", "", apart))


def words(text: str) -> frozenset[str]:
    return frozenset(folded(text).split())


def grouped(text: str, language: str) -> dict[str, tuple[str, ...]]:
    """A group on each line: words that say the same. A word may be in several, which does not join them."""
    found: dict[str, list[str]] = {}
    for number, line in enumerate(text.strip().splitlines()):
        for word in folded(line).split():
            key = stem(word, language) if word.isascii() else word
            found.setdefault(key, []).append(f"={number}")
    return {word: tuple(names) for word, names in found.items()}


def paired(text: str) -> dict[str, str]:
    """ "name: word word" on each line, as word → name."""
    lines = (line.split(":", 1) for line in text.strip().splitlines())
    return {word: name.strip() for name, rest in lines for word in folded(rest).split()}


def rewritings(text: str) -> tuple[Rewriting, ...]:
    """ "pattern → words" on each line. `_` stands for up to four words between; `\\1` … give them back."""
    made = []
    for line in _lines(text):
        pattern, _, written = line.strip().partition(" → ")
        pattern = re.sub(" _ ?", r" ((?:[^ ,]+ ){0,4}?)", pattern)
        made.append((re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), written.strip()))
    return tuple(made)


def kinds(text: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """ "kind kind: pattern" on each line."""
    lines = (line.partition(": ") for line in _lines(text))
    return tuple((re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), tuple(names.split())) for names, _, pattern in lines)


def _lines(text: str) -> list[str]:
    """A table's lines; one that ends with a backslash goes on in the next."""
    return [line.strip() for line in re.sub(r"\\\n\s*", "", text).strip().splitlines()]
