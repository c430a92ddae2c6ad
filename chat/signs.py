"""Finds signs in a text: phrases of words and of concepts, as the .json files beside this module list them.

A file holds `concepts`, each a list of words or short phrases, and `signs`, each with its phrases:

    {"concepts": {"drop": ["ignore", "forget", "忽略"], "rules": ["instruction~", "rules", "指令"]},
     "signs": {"drop_rules": {"family": "override", "weight": 1.0, "phrases": ["{drop} * {rules}"]}}}

`~` stands for any ending of a word, `{name}` for a concept, `*` for up to six words of the same sentence. The time is
linear in the text: from each word a phrase looks ahead as far as its stars reach, and no further. With `slips` a longer
word is also known with a letter missing or two in another order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from chat.folding import END, Token, fold, tokens

REACH = 12  # of a star: six words, or twelve characters of an unspaced script
LONGEST_WORD = 30  # letters of a word whose beginning is looked up
SHORTEST_WITH_A_SLIP = 7  # letters; shorter words with a slip are too often other words


@dataclass(frozen=True)
class Sign:
    """What was found, between two places of the folded text."""

    name: str
    family: str
    weight: float
    start: int
    end: int


@dataclass
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    beginnings: dict[str, _Node] = field(default_factory=dict)
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Phrase:
    """Items to be found one behind another; each with whether a star stands before it."""

    sign: str
    family: str
    weight: float
    items: tuple[tuple[str, bool], ...]


class Signs:
    """The concepts and signs of one file."""

    def __init__(
        self, concepts: Mapping[str, Iterable[str]], signs: Mapping[str, Mapping[str, Any]], *, slips: bool = False
    ) -> None:
        self._root = _Node()
        self._known: dict[str, str] = {}  # a word with a slip → the word
        self._forgives_slips = slips
        self._by_first: dict[str, list[_Phrase]] = {}
        self.steps = 0  # of the latest search: how often a word was compared
        for name, entries in concepts.items():
            for entry in entries:
                self._learn(entry, name)
        for name, sign in signs.items():
            for phrase in sign["phrases"]:
                self._add(name, sign, phrase)

    @classmethod
    def read(cls, path: Path) -> Signs:
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(content["concepts"], content["signs"], slips=content.get("slips", False))

    def find(self, text: Sequence[Token]) -> list[Sign]:
        """Every sign in the tokens of a text."""
        self.steps = 0
        at = self._concepts_at(text)
        reach = _widths(text)
        found = []
        for place, concepts in enumerate(at):
            for concept, ends in concepts.items():
                for phrase in self._by_first.get(concept, ()):
                    if end := self._follow(phrase, at, reach, ends):
                        sign = (phrase.sign, phrase.family, phrase.weight)
                        found.append(Sign(*sign, text[place].start, text[end - 1].end))
        return found

    def holds(self, text: Sequence[Token], concept: str) -> bool:
        """Whether one of a concept's words is in the text."""
        return any(concept in concepts for concepts in self._concepts_at(text))

    def _learn(self, entry: str, concept: str) -> None:
        *words, last = (token.text for token in tokens(fold(entry.removesuffix("~"))))
        node = self._root
        for word in words:
            node = node.words.setdefault(word, _Node())
        node = (node.beginnings if entry.endswith("~") else node.words).setdefault(last, _Node())
        node.concepts = (*node.concepts, concept)
        if self._forgives_slips and not words and len(last) >= SHORTEST_WITH_A_SLIP and last.isalpha():
            self._known |= dict.fromkeys(_slips(last), last)

    def _add(self, name: str, sign: Mapping[str, Any], phrase: str) -> None:
        """A phrase's plain words become a concept of their own."""
        items: list[tuple[str, bool]] = []
        for number, part in enumerate(phrase.split("*")):
            for place, item in enumerate(_items(part)):
                if not item.startswith("{"):
                    self._learn(item, item)
                items.append((item.strip("{}"), number > 0 and place == 0))
        first = items[0][0]
        self._by_first.setdefault(first, []).append(_Phrase(name, sign["family"], sign["weight"], tuple(items)))

    def _follow(self, phrase: _Phrase, at: list[dict[str, set[int]]], reach: list[int], ends: set[int]) -> int:
        """The furthest place at which the phrase ends that begins with its first item, or 0."""
        for item, is_after_star in phrase.items[1:]:
            starts = {start for end in ends for start in _ahead(at, reach, end)} if is_after_star else ends
            self.steps += len(starts)
            ends = {end for start in starts if start < len(at) for end in at[start].get(item, ())}
            if not ends:
                return 0
        return max(ends)

    def _concepts_at(self, text: Sequence[Token]) -> list[dict[str, set[int]]]:
        """For each place the concepts that begin there, with the places behind their ends."""
        words = [token.text for token in text]
        return [self._concepts_from(words, place) for place in range(len(words))]

    def _concepts_from(self, words: Sequence[str], place: int) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        nodes = [self._root]
        for end in range(place, len(words)):
            nodes = [after for node in nodes for after in self._next(node, words[end])]
            if not nodes:
                break
            for node in nodes:
                for concept in node.concepts:
                    found.setdefault(concept, set()).add(end + 1)
        return found

    def _next(self, node: _Node, word: str) -> Iterator[_Node]:
        self.steps += 1
        spelled = word
        if self._known and node is self._root and word not in node.words and len(word) >= SHORTEST_WITH_A_SLIP - 1:
            spelled = next((self._known[slip] for slip in _slips(word, both=True) if slip in self._known), word)
        if spelled in node.words:
            yield node.words[spelled]
        if node.beginnings:
            for length in range(1, min(len(spelled), LONGEST_WORD) + 1):
                if spelled[:length] in node.beginnings:
                    yield node.beginnings[spelled[:length]]


def _items(part: str) -> list[str]:
    """`tell me {rules} now` → `tell me`, `{rules}`, `now`: plain words that stand together are one item."""
    items: list[str] = []
    for word in part.split():
        is_plain = not word.startswith("{")
        if is_plain and items and not items[-1].startswith("{") and not items[-1].endswith("~"):
            items[-1] += f" {word}"
        else:
            items.append(word)
    return items


def _slips(word: str, *, both: bool = False) -> Iterator[str]:
    """Forms in which a word and its misspellings meet: a letter left out, or the inner letters in another order."""
    yield f"{word[0]}{''.join(sorted(word[1:-1]))}{word[-1]}#"
    if both:
        yield word
    if len(word) >= SHORTEST_WITH_A_SLIP and len(word) <= LONGEST_WORD:
        for place in range(1, len(word)):
            yield word[:place] + word[place + 1 :]


def _widths(text: Sequence[Token]) -> list[int]:
    """How wide the text is before each place, counted in halves of a word; a sentence's end is as wide as a reach."""
    widths = [0]
    for token in text:
        widths.append(widths[-1] + (REACH + 1 if token.text == END else 1 if _is_character(token.text) else 2))
    return widths


def _is_character(word: str) -> bool:
    return len(word) == 1 and ord(word) > 0xE00


def _ahead(at: Sequence[object], widths: list[int], place: int) -> Iterator[int]:
    """The places that a star standing at `place` reaches."""
    for start in range(place, len(at)):
        if widths[start] - widths[place] > REACH:
            return
        yield start


@cache
def signs_of(name: str) -> Signs:
    """The signs of `<name>.json` beside this module, read once."""
    return Signs.read(Path(__file__).with_name(f"{name}.json"))
