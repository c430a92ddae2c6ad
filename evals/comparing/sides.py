"""One pair as people read it: both answers, how they differ, what each rested on, and what was said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chat.differences import Piece, differences
from evals.answers import Answer, Source, answer_from
from evals.comparing.pairing import Change, Pair
from evals.models import Grading, Result
from evals.reporting.estimates import title_of
from evals.reporting.table import Row
from llm.cleaning import clean

MOST_CHARACTERS = 16_000  # of an answer whose words are compared


@dataclass(frozen=True)
class Given:
    """A passage that the model was given. `is_only_here` says that the other side was not given it."""

    source: Source
    is_only_here: bool


@dataclass(frozen=True)
class Side:
    """One answer. `repetition` counts from 1."""

    result: Result
    answer: Answer
    passages: tuple[Given, ...]

    @property
    def cited(self) -> list[Given]:
        return [given for given in self.passages if given.source.number]


@dataclass(frozen=True)
class Said:
    """What one grader said of the two answers; None where it said nothing."""

    grader: str
    title: str
    before: Grading | None
    after: Grading | None

    @property
    def differs(self) -> bool:
        sides = [(one.score, one.outcome, one.label) if one else None for one in (self.before, self.after)]
        return sides[0] != sides[1]


@dataclass(frozen=True)
class Shown:
    """A pair for the page. Of several repetitions those are shown that tell why it is where it is."""

    pair: Pair
    question: str
    before: Side
    after: Side
    pieces: tuple[Piece, ...]
    said: tuple[Said, ...]
    duel: Grading | None

    @property
    def differing(self) -> list[Said]:
        return [one for one in self.said if one.differs]

    @property
    def alike(self) -> list[Said]:
        return [one for one in self.said if not one.differs]


def shown(pairs: Sequence[Pair]) -> list[Shown]:
    """The pairs of one page, in their order. Two queries."""
    chosen = [(pair, *_telling(pair)) for pair in pairs]
    ids = [row.result for _, before, after in chosen for row in (before, after)]
    results = Result.objects.filter(pk__in=ids).select_related("case").defer("receipt").in_bulk()
    words = _words_on(ids)
    return [_shown(pair, results[old.result], results[new.result], words) for pair, old, new in chosen]


def _shown(pair: Pair, old: Result, new: Result, words: dict[int, list[Grading]]) -> Shown:
    before, after = answer_from(old.answer), answer_from(new.answer)
    return Shown(
        pair,
        new.question,
        Side(old, before, _passages(before, after)),
        Side(new, after, _passages(after, before)),
        differences(clean(old.text)[:MOST_CHARACTERS], clean(new.text)[:MOST_CHARACTERS]),
        tuple(_said(words[old.pk], words[new.pk])),
        next((one for one in words[new.pk] if one.against_id == old.pk), None),
    )


def _telling(pair: Pair) -> tuple[Row, Row]:
    """The worst answer of the side that is worse, and the best one of the other."""
    if pair.change is Change.BETTER:
        return min(pair.before, key=_goodness), max(pair.after, key=_goodness)
    return max(pair.before, key=_goodness), min(pair.after, key=_goodness)


def _goodness(row: Row) -> tuple[bool, bool, float]:
    return not row.is_hard_failure, not row.error, float(row.passed) if row.passed is not None else 0.5


def _passages(mine: Answer, other: Answer) -> tuple[Given, ...]:
    theirs = {_same_passage(source) for source in other.passages}
    return tuple(Given(source, _same_passage(source) not in theirs) for source in mine.passages)


def _same_passage(source: Source) -> tuple[str, str]:
    """A passage is the same by its file and its words: another version of a document may repeat them."""
    return source.name, source.text


def _words_on(ids: Iterable[int]) -> dict[int, list[Grading]]:
    words: dict[int, list[Grading]] = defaultdict(list)
    for grading in Grading.objects.by_machines().filter(result__in=ids):
        words[grading.result_id].append(grading)
    return words


def _said(before: Sequence[Grading], after: Sequence[Grading]) -> Iterable[Said]:
    """By grader; those that differ first."""
    old, new = ({one.grader: one for one in side if one.against_id is None} for side in (before, after))
    both = [Said(name, title_of(name), old.get(name), new.get(name)) for name in {**old, **new}]
    return sorted(both, key=lambda one: (not one.differs, one.title))
