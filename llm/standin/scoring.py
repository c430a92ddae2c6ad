"""How well each sentence, item, row or list of the passages answers a question."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm.standin.embedder import Embedder
from llm.standin.languages import Language
from llm.standin.minilm import Floats
from llm.standin.prompt import Passage
from llm.standin.units import Unit, gather

HEADING_COUNTS, PASSAGE_COUNTS, PREFIX_COUNTS = 0.6, 0.3, 0.7  # of a word found in the sentence itself
PREFIX_LETTERS, PREFIX_SHARE = 5, 0.75
QUESTION_ABOVE_COUNTS = 0.75  # of the cosine with the question that an answer stands below
LIKELY = 16  # that many are read once more under their heading
LATER_PASSAGE = 0.01  # search put the better passages first
STEPS_FOR_HOW = 0.06
FIGURE_FOR_HOW_MUCH = 0.04
NAME_IS_MISSING = 0.06
ALL_WORDS_ENOUGH = 0.30
HOW = re.compile(r"\b(how (do|can|to|would|should|could)|steps?|cómo|pasos)\b|怎么|如何|怎样|步骤", re.IGNORECASE)
HOW_MUCH = re.compile(
    r"\b(how (much|many|long|often|far|old|big|large|high|deep)|when|what time|cu[áa]nt[oa]s?|cu[áa]ndo|qué hora)\b|"
    r"多少|多久|几|什么时候|多长",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万]+(?:天|日|年|月|个|元|分)")
NAME = re.compile(r"(?<=[\w,;:] )[A-Z][\w-]{2,}")


@dataclass(frozen=True)
class Scored:
    """`score` ranks; `evidence` says whether this is an answer: from 1 on it is."""

    unit: Unit
    score: float
    evidence: float
    about: float  # how near the heading above it is to the question


def score(
    question: str, passages: Sequence[Passage], units: Sequence[Unit], language: Language, embedder: Embedder
) -> list[Scored]:
    """All candidates, in their order: the units, with the steps of a list taken together."""
    candidates = _with_lists(units)
    if not candidates:
        return []
    words = _Words(question, passages, candidates, language)
    covers = np.array([words.cover(n, unit) for n, unit in enumerate(candidates)], np.float32)
    if language.decides:
        meanings, headings = _meanings(question, passages, candidates, covers, embedder)
    else:
        meanings, headings = covers, np.array([words.shared_with(unit.heading) for unit in candidates], np.float32)
    ranks = language.ranks * meanings + (1 - language.ranks) * covers
    evidence = language.decides * meanings + (1 - language.decides) * covers
    scored = []
    for n, unit in enumerate(candidates):
        rank = ranks[n] + _suits(question, unit) - LATER_PASSAGE * unit.passage
        needed = language.enough + (NAME_IS_MISSING if words.a_name_is_missing else 0)
        if words.has_all(n):
            needed = min(needed, ALL_WORDS_ENOUGH)
        scored.append(Scored(unit, float(rank), float(evidence[n] / needed), float(headings[n])))
    return scored


def _with_lists(units: Sequence[Unit]) -> list[Unit]:
    """Each list once more as a whole; the single steps of an ordered one are not answers by themselves."""
    candidates: list[Unit] = []
    for (_, _, kind), group in itertools.groupby(units, key=lambda unit: (unit.passage, unit.block, unit.kind)):
        members = list(group)
        if kind == "item" and len(members) > 1:
            candidates.append(gather(members))
            members = [] if candidates[-1].is_steps else members
        candidates += members
    return candidates


def _meanings(
    question: str, passages: Sequence[Passage], units: Sequence[Unit], covers: Floats, embedder: Embedder
) -> tuple[Floats, Floats]:
    """Cosines with the question: of the units, likely ones averaged with theirs under the heading, and of headings."""
    headings = [unit.heading or passages[unit.passage].title or unit.text for unit in units]
    asked, *rows = embedder.recall([question, *(unit.text for unit in units), *headings])
    meanings, of_headings = np.split(np.stack(rows) @ asked, 2)
    likely = np.argsort(-(meanings + of_headings / 2 + covers), kind="stable")[:LIKELY]
    placed = [f"{passages[units[n].passage].title}. {units[n].context}: {units[n].text}" for n in likely]
    meanings[likely] = (meanings[likely] + embedder.recall(placed) @ asked) / 2
    below_questions = np.array([unit.answers_a_question for unit in units])
    meanings[below_questions] = np.maximum(meanings, QUESTION_ABOVE_COUNTS * of_headings)[below_questions]
    return meanings, of_headings


def _suits(question: str, unit: Unit) -> float:
    suits = 0.0
    if HOW.search(question) and unit.is_steps:
        suits += STEPS_FOR_HOW
    if HOW_MUCH.search(question) and FIGURE.search(unit.text):
        suits += FIGURE_FOR_HOW_MUCH
    return suits


class _Words:
    """The question's words, each weighing more the fewer units have it."""

    def __init__(self, question: str, passages: Sequence[Passage], units: Sequence[Unit], language: Language) -> None:
        self.language = language
        self.asked = list(dict.fromkeys(language.terms(question)))
        self.around = [set(language.terms(f"{p.title} {p.place} {p.text}")) for p in passages]
        self.own = [set(language.terms(unit.text)) for unit in units]
        self.weights = [self._weight(term) for term in self.asked]
        known = set().union(*self.around)
        names = [term for name in NAME.findall(question) for term in language.terms(name)]
        self.a_name_is_missing = any(name not in known for name in names)

    def cover(self, index: int, unit: Unit) -> float:
        """The share of the question's words that the unit has, by weight; less for those only near it."""
        above = set(self.language.terms(unit.context))
        found = sum(
            weight * _match(term, self.own[index], above, self.around[unit.passage])
            for term, weight in zip(self.asked, self.weights, strict=True)
        )
        return found / (sum(self.weights) or 1)

    def has_all(self, index: int) -> bool:
        """Whether the unit itself has every word of the question, and there are at least two."""
        return len(self.asked) > 1 and set(self.asked) <= self.own[index]

    def shared_with(self, heading: str) -> float:
        """The words that the question and a heading have in common, of all that either has."""
        asked, above = set(self.asked), set(self.language.terms(heading))
        return len(asked & above) / len(asked | above) if above else 0.0

    def _weight(self, term: str) -> float:
        having = sum(term in terms for terms in self.own)
        return math.log(1 + len(self.own) / (1 + having))


def _match(term: str, own: set[str], above: set[str], around: set[str]) -> float:
    if term in own:
        return 1.0
    if any(_share_a_stem(term, other) for other in own):
        return PREFIX_COUNTS
    if term in above:
        return HEADING_COUNTS
    return PASSAGE_COUNTS if term in around else 0.0


def _share_a_stem(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    length = max(PREFIX_LETTERS, math.ceil(PREFIX_SHARE * shorter))
    return shorter >= length and one[:length] == other[:length]
