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

from chat.suspicion.folding import END, Token, fold, tokens

REACH = 12  # of a star: six words, or twelve characters of an unspaced script
LONGEST_WORD = 30  # letters of a word whose beginning is looked up
SHORTEST_WITH_A_SLIP = 6  # letters; shorter words with a slip are too often other words


@dataclass(frozen=True)
class Sign:
    """What was found: signs of one family say the same thing in other words."""

    name: str
    family: str
    weight: float


@dataclass
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    beginnings: dict[str, _Node] = field(default_factory=dict)
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Phrase:
    """Items to be found one behind another; each with whether a star stands before it."""

    sign: Sign
    items: tuple[tuple[str, bool], ...]


Places = dict[str, dict[int, set[int]]]  # concept → where it begins → behind which words it ends


class Signs:
    """The concepts and signs of one file."""

    def __init__(
        self, concepts: Mapping[str, Iterable[str]], signs: Mapping[str, Mapping[str, Any]], *, slips: bool = False
    ) -> None:
        self._root = _Node()
        self._words: set[str] = set()
        self._meant: dict[str, str] = {}  # a word with a slip → the word
        self._forgives_slips = slips
        self._by_first: dict[str, list[_Phrase]] = {}
        self.steps = 0  # of the latest search: how often a word or a place was looked at
        for name, entries in concepts.items():
            for entry in entries:
                self._learn(entry, name)
        for name, sign in signs.items():
            for phrase in sign["phrases"]:
                self._add(Sign(name, sign["family"], sign["weight"]), phrase)

    @classmethod
    def read(cls, path: Path) -> Signs:
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(content["concepts"], content["signs"], slips=content.get("slips", False))

    def find(self, text: Sequence[Token]) -> set[Sign]:
        """Every sign in the tokens of a text."""
        self.steps = 0
        places, widths = self._places(text), _widths(text)
        found = set()
        for concept in places.keys() & self._by_first.keys():
            for phrase in self._by_first[concept]:
                if phrase.sign not in found and self._follows(phrase, places, widths):
                    found.add(phrase.sign)
        return found

    def holds(self, text: Sequence[Token], concept: str) -> bool:
        """Whether one of a concept's words is in the text."""
        return concept in self._places(text)

    def _learn(self, entry: str, concept: str) -> None:
        *words, last = (token.text for token in tokens(fold(entry.removesuffix("~"))))
        node = self._root
        for word in words:
            node = node.words.setdefault(word, _Node())
        node = (node.beginnings if entry.endswith("~") else node.words).setdefault(last, _Node())
        node.concepts = (*node.concepts, concept)
        self._words.update([*words, last])
        if self._forgives_slips:
            self._meant |= {slip: word for word in [*words, last] for slip in _slips(word)}

    def _add(self, sign: Sign, phrase: str) -> None:
        """A phrase's plain words become a concept of their own."""
        items: list[tuple[str, bool]] = []
        for number, part in enumerate(phrase.split("*")):
            for place, item in enumerate(_items(part)):
                if not item.startswith("{"):
                    self._learn(item, item)
                items.append((item.strip("{}"), number > 0 and place == 0))
        self._by_first.setdefault(items[0][0], []).append(_Phrase(sign, tuple(items)))

    def _follows(self, phrase: _Phrase, places: Places, widths: list[int]) -> bool:
        """Whether the phrase's items follow one another: from all places at once, item by item."""
        (first, _), *others = phrase.items
        ends = {end for behind in places[first].values() for end in behind}
        for item, is_after_star in others:
            begins = places.get(item)
            if not begins:
                return False
            starts = {start for end in ends for start in _ahead(widths, end)} if is_after_star else ends
            self.steps += len(ends) * (REACH if is_after_star else 1)
            ends = {end for start in starts & begins.keys() for end in begins[start]}
        return bool(ends)

    def _places(self, text: Sequence[Token]) -> Places:
        """Where each concept begins and ends."""
        words = [self._spelled(token.text) for token in text]
        places: Places = {}
        for start in range(len(words)):
            nodes = [self._root]
            for end in range(start, len(words)):
                nodes = [after for node in nodes for after in self._next(node, words[end])]
                if not nodes:
                    break
                for node in nodes:
                    for concept in node.concepts:
                        places.setdefault(concept, {}).setdefault(start, set()).add(end + 1)
        return places

    def _spelled(self, word: str) -> str:
        """The word that was meant, where slips are forgiven and there is one."""
        if not self._meant or word in self._words or not SHORTEST_WITH_A_SLIP <= len(word) <= LONGEST_WORD:
            return word
        return next((self._meant[slip] for slip in _slips(word) if slip in self._meant), word)

    def _next(self, node: _Node, word: str) -> Iterator[_Node]:
        self.steps += 1
        if word in node.words:
            yield node.words[word]
        if node.beginnings:
            for length in range(1, min(len(word), LONGEST_WORD) + 1):
                if word[:length] in node.beginnings:
                    yield node.beginnings[word[:length]]


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


def _slips(word: str) -> Iterator[str]:
    """What a word and its misspellings share: their letters in order, or all but one; the first one is always right."""
    if SHORTEST_WITH_A_SLIP <= len(word) <= LONGEST_WORD and word.isalpha():
        yield f"{word[0]}{''.join(sorted(word[1:]))}#"
        if len(word) > SHORTEST_WITH_A_SLIP:
            yield word
            yield from (word[:place] + word[place + 1 :] for place in range(1, len(word)))


def _widths(text: Sequence[Token]) -> list[int]:
    """How wide the text is before each place, counted in halves of a word; a sentence's end is as wide as a reach."""
    widths = [0]
    for token in text:
        widths.append(widths[-1] + (REACH + 1 if token.text == END else 1 if _is_character(token.text) else 2))
    return widths


def _is_character(word: str) -> bool:
    return len(word) == 1 and ord(word) > 0xE00


def _ahead(widths: list[int], place: int) -> Iterator[int]:
    """The places that a star standing at `place` reaches."""
    for start in range(place, len(widths) - 1):
        if widths[start] - widths[place] > REACH:
            return
        yield start


@cache
def signs_of(name: str) -> Signs:
    """The signs of `<name>.json` beside this module, read once."""
    return Signs.read(Path(__file__).with_name(f"{name}.json"))
