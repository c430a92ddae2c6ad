"""Answers a question by quoting: the sentences, steps or rows that fit best, cited, or that it does not know."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from llm.standin import languages, phrases, quoting, units
from llm.standin.embedder import Embedder
from llm.standin.prompt import Prompt
from llm.standin.scoring import Scored, score
from llm.standin.units import Unit

MAX_PICKS = 3
MAX_SENTENCES_BELOW_HEADING = 4
MAX_ITEMS = 8  # of a list that is quoted whole for the sake of one item
CLOSE = 0.04  # how far behind the best another sentence may be
NEXT_IS_CLOSE = 0.45  # the same for a sentence that goes on where the best one stops
SAME_QUESTION, SAME_HEADING = 0.55, 0.66  # cosine from which a question, or a title, above a text asks the same
MAX_UNITS = 600
SAME_WORDS = 0.7  # share of words from which two sentences say the same


def answer(prompt: Prompt, embedder: Embedder, seed: int) -> str:
    """Markdown with citation marks. The same seed gives the same answer, another may word its frame differently."""
    language = languages.detect(prompt.question)
    if reply := phrases.small_talk(prompt.question, language.code):
        return reply
    picks = find(prompt, embedder)
    if not picks:
        return phrases.choose(phrases.UNKNOWN[language.code], seed)
    opening = "" if picks[0].items else phrases.choose(phrases.OPENING[language.code], seed)
    return opening + quoting.quote(picks, prompt.passages, language.code)


def find(prompt: Prompt, embedder: Embedder, *, enough: float = 0) -> list[Unit]:
    """The units that answer, in the order in which they are to be read; none when nothing does with `enough` score."""
    question = prompt.question
    language = languages.of(question, (passage.text for passage in prompt.passages))
    parts = [units.split(passage, n) for n, passage in enumerate(prompt.passages)]
    everything = list(itertools.chain(*parts))[:MAX_UNITS]
    scored = score(question, prompt.passages, everything, language, embedder)
    best = max(scored, key=lambda one: one.score, default=None)
    if best is None or best.evidence < 1 or best.score < enough:
        return []
    page = _Page(everything, scored)
    picks = page.answer_below_heading(best) or page.expand(best, _close_to(best, scored))
    return sorted(set(picks), key=lambda unit: (unit.passage != best.unit.passage, unit.passage, unit.position))


def _close_to(best: Scored, scored: Sequence[Scored]) -> list[Unit]:
    """The best, and others nearly as good that add something to it."""
    chosen = [best.unit]
    for one in sorted(scored, key=lambda one: -one.score):
        is_close = best.score - one.score <= CLOSE and one.evidence >= 1 and not one.unit.items
        if is_close and not any(_say_the_same(one.unit, other) for other in chosen):
            chosen.append(one.unit)
    return chosen[: 1 if best.unit.items else MAX_PICKS]


def _say_the_same(one: Unit, other: Unit) -> bool:
    first, second = set(one.text.casefold().split()), set(other.text.casefold().split())
    return len(first & second) >= SAME_WORDS * min(len(first), len(second))


class _Page:
    """Where each unit stands, and what stands around it."""

    def __init__(self, everything: Iterable[Unit], scored: Sequence[Scored]) -> None:
        self.at = {(unit.passage, unit.position): unit for unit in everything}
        self.scored = scored
        self.scores = {(s.unit.passage, s.unit.position): s.score for s in scored if not s.unit.items}
        self.lists = {(s.unit.passage, s.unit.block): s.unit for s in scored if s.unit.items}

    def answer_below_heading(self, best: Scored) -> list[Unit]:
        """Under a heading that asks the same question, all that stands there is the answer, if it is short."""
        needed = SAME_QUESTION if best.unit.answers_a_question else SAME_HEADING
        if best.about < needed or best.unit.kind == "row":
            return []
        heading = (best.unit.passage, best.unit.heading)
        below = [s.unit for s in self.scored if (s.unit.passage, s.unit.heading) == heading and s.unit.kind != "row"]
        if sum(unit.kind == "sentence" for unit in below) > MAX_SENTENCES_BELOW_HEADING:
            return []
        return [whole for unit in below for whole in self._whole(unit)]

    def expand(self, best: Scored, picks: Sequence[Unit]) -> list[Unit]:
        """The picks with their lists, and with the neighbours that they cannot be understood without."""
        expanded = [whole for unit in picks for whole in self._whole(unit)]
        following = self.at.get((best.unit.passage, best.unit.position + 1))
        if following and self._goes_on(best, following):
            expanded += self._whole(following)
        return expanded

    def _goes_on(self, best: Scored, following: Unit) -> bool:
        is_close = self.scores.get((following.passage, following.position), 0) >= best.score - NEXT_IS_CLOSE
        return is_close and following.block == best.unit.block and self._leans(following)

    def _whole(self, unit: Unit) -> list[Unit]:
        """A lead-in or an item becomes its list; a sentence that points back brings the one before it."""
        if unit.text.endswith((":", "：")):
            return [self.lists.get((unit.passage, unit.block + 1), unit)]
        own_list = self.lists.get((unit.passage, unit.block))
        if unit.kind == "item" and own_list and len(own_list.items) <= MAX_ITEMS:
            return [own_list]
        before = self.at.get((unit.passage, unit.position - 1))
        if before and self._leans(unit) and before.block == unit.block:
            return [before, unit]
        return [unit]

    def _leans(self, unit: Unit) -> bool:
        return unit.kind == "sentence" and quoting.leans_on_previous(unit.text)
