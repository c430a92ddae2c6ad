"""The day that `make bench-route` replays: what each question is, what both models make of it, and what that costs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.answer_cache import Stream
from tests.benchmarks.asked import Asked
from tests.benchmarks.scripted import RIGHT, Setting, Workshop, passage, turn_of

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Numbers = NDArray[np.float64]

ANOTHERS = 0.9  # by so much fits each further passage of another document
NEAR = 0.75  # of the best passage's score


@dataclass(frozen=True)
class Table:
    """All that is assumed. Triples are for easy, medium and hard questions."""

    questions: int = 10_000
    again: float = 0.30  # of the questions are earlier ones in other words
    kinds: tuple[float, float, float] = (0.60, 0.30, 0.10)
    strong_right: tuple[float, float, float] = (0.98, 0.93, 0.80)
    small_right: tuple[float, float, float] = (0.93, 0.55, 0.15)
    same_mistakes: bool = False  # what the strong model gets wrong the small one does too
    reworded: float = 0.5  # of the right answers are in other words than the passage
    faults: tuple[tuple[str, float], ...] = (  # of the wrong answers
        ("changed figure", 0.20),
        ("invented", 0.17),
        ("another passage", 0.20),
        ("half of it", 0.10),
        ("turned round", 0.08),
        ("does not know", 0.12),
        ("cut off", 0.05),
        ("cites nothing", 0.05),
        ("cites what is not there", 0.03),
    )
    caught: float | None = None  # of the wrong answers; None: as the product's checks do
    cites_the_best: bool = False  # held back is also what cites passages that fit far worse than the best one
    triage_right: float = 0.80  # reads easy as easy and hard as hard; medium is either
    best: tuple[float, float, float] = (0.75, 0.62, 0.52)  # mean score of the best passage, ± .12
    lead: tuple[float, float, float] = (0.45, 0.32, 0.22)  # mean lead over the next document, ± .15
    judge_right: float = 0.95  # of the pairs of answers; else the judge says any of the three
    customers: int = 2  # who must have been answered the same before a saved answer is served
    learning: float = 0.10  # of the first day: the strong model answers, and both are compared
    pairs: int = 3_000  # that were compared before a later day
    compared: float = 0.01  # of the questions after that
    checked_hits: float = 0.05  # of the saved answers served are answered anew behind
    margin: float = 0.01
    strong_price: tuple[float, float] = (2.00, 8.00)  # US dollars a million tokens, read and written
    small_price: tuple[float, float] = (0.10, 0.40)
    judge_price: tuple[float, float] = (2.00, 8.00)
    embedding_price: float = 0.02


@dataclass(frozen=True)
class Read:
    """What the product's choice makes of each question: its ease, and whether a rule keeps it from the small model;
    `is_hard` where that rule is only that triage finds it hard. `signals` are of shape (questions, 5)."""

    ease: Numbers
    is_ruled: Bools
    is_hard: Bools
    signals: Numbers


@dataclass(frozen=True)
class Day:
    """Columns of shape (questions,). Costs are in microdollars; `served_from` is the question whose saved answer would
    be served, -1 for none, and `is_right_hit` whether that wants the same answer."""

    kind: Ints
    is_strong_right: Bools
    is_small_right: Bools
    holds: Bools
    judged: Numbers  # what the judge says that the small answer loses
    small_cost: Numbers
    check_cost: Numbers
    strong_cost: Numbers
    verdict_cost: float
    triage_cost: float
    embedding_cost: Numbers
    read: Read
    read_without_triage: Read
    served_from: Ints
    is_right_hit: Bools
    dice: Numbers  # for what is drawn while it is replayed


def day_of(
    table: Table,
    asked: Sequence[Asked],
    vectors: Numbers,
    settings: Sequence[Setting],
    measured: Workshop,
    seed: int,
    like: Day | None = None,
) -> Day:
    """Draw the day. The same seed draws the same numbers, whatever the table says of them; with `like`, saved answers
    are taken from a day of the same questions, as long as the table changes nothing about them."""
    n, dice = len(asked), np.random.default_rng(seed)
    kind = dice.choice(3, n, p=table.kinds)
    luck, own_luck = dice.random((2, n))
    is_strong_right = luck < np.array(table.strong_right)[kind]
    is_small_right = (luck if table.same_mistakes else own_luck) < np.array(table.small_right)[kind]
    setting = dice.integers(0, len(settings), n)
    fault = dice.choice([name for name, _ in table.faults], n, p=[share for _, share in table.faults])
    wording = np.where(dice.random(n) < table.reworded, RIGHT[1], RIGHT[0])
    outcomes = [
        measured.outcomes[str(name)][place]
        for name, place in zip(np.where(is_small_right, wording, fault), setting, strict=True)
    ]
    holds = np.array([not one.held_back for one in outcomes])
    thrown = dice.random(n)
    if table.caught is not None:
        holds = np.where(is_small_right, holds, thrown >= table.caught)
    right = [measured.outcomes[RIGHT[0]][place] for place in setting]
    drawn = _Signs.drawn(table, kind, dice)
    if table.cites_the_best:
        holds &= is_small_right | (fault != "another passage") | (ANOTHERS * (1 - drawn.lead) >= NEAR)
    hits = (like.served_from, like.is_right_hit) if like else _hits(table, asked, vectors, seed)
    return Day(
        kind=kind,
        is_strong_right=is_strong_right,
        is_small_right=is_small_right,
        holds=holds,
        judged=_judged(table, is_strong_right.astype(float) - is_small_right, dice),
        small_cost=np.array([_cost(one.answer, table.small_price) for one in outcomes]),
        check_cost=np.array([_cost(one.checks, table.judge_price) for one in outcomes]),
        strong_cost=np.array([_cost(one.answer, table.strong_price) for one in right]),
        verdict_cost=_cost(measured.a_verdict, table.judge_price),
        triage_cost=_cost(measured.triage, table.small_price),
        embedding_cost=np.array([len(one.text) / 4 * table.embedding_price for one in asked]),
        read=drawn.read(asked, settings, setting, with_triage=True),
        read_without_triage=drawn.read(asked, settings, setting, with_triage=False),
        served_from=hits[0],
        is_right_hit=hits[1],
        dice=dice.random((4, n)),
    )


def _cost(tokens: tuple[float, float], price: tuple[float, float]) -> float:
    return tokens[0] * price[0] + tokens[1] * price[1]


def _judged(table: Table, lost: Numbers, dice: np.random.Generator) -> Numbers:
    said = dice.choice([-1.0, 0.0, 1.0], lost.size)
    return np.where(dice.random(lost.size) < table.judge_right, lost, said)


@dataclass(frozen=True)
class _Signs:
    """What triage and search say of each question."""

    best: Numbers
    lead: Numbers
    is_called_easy: Bools

    @classmethod
    def drawn(cls, table: Table, kind: Ints, dice: np.random.Generator) -> _Signs:
        best = np.array(table.best)[kind] + dice.normal(0, 0.12, kind.size)
        lead = np.array(table.lead)[kind] + dice.normal(0, 0.15, kind.size)
        called = dice.random(kind.size) < np.array([table.triage_right, 0.5, 1 - table.triage_right])[kind]
        return cls(np.clip(best, 0.05, 1), np.clip(lead, 0, 0.95), called)

    def read(self, asked: Sequence[Asked], settings: Sequence[Setting], of: Ints, *, with_triage: bool) -> Read:
        """By the product's own choice, from passages whose scores are those that were drawn."""
        from chat.model_choice import choose_model
        from chat.understanding import Understood
        from chat.versions.states import house
        from knowledge.search import Found, Meaning

        record, meaning = house(), Meaning(None, "", 1.0)  # type: ignore[arg-type]
        record = record.model_copy(update={"model_choice": record.model_choice.model_copy(update={"easy": "small"})})
        choices = []
        for number, one in enumerate(asked):
            setting = settings[of[number]]
            turn = turn_of(setting, record, one.text)
            scores = self._scores(number, setting)
            turn.passages = tuple(
                passage(section, place, score)
                for place, (section, score) in enumerate(zip(setting.sections, scores, strict=True))
            )
            if with_triage:
                turn.understood = Understood(
                    standalone=one.text[:1_000],
                    language="",
                    topic="",
                    difficulty="easy" if self.is_called_easy[number] else "hard",
                    needs_tools=False,
                )
            choices.append(choose_model(turn, Found(turn.passages, meaning=meaning)))
        return Read(
            ease=np.array([choice.ease for choice in choices]),
            is_ruled=np.array([bool(choice.rule) for choice in choices]),
            is_hard=np.array([choice.rule == "hard" for choice in choices]),
            signals=np.array([list(choice.signals.values()) for choice in choices]),
        )

    def _scores(self, number: int, setting: Setting) -> list[float]:
        """The best passage; its document's next one is close behind, other documents' start where the lead ends."""
        best, first = float(self.best[number]), setting.sections[0].article
        others = best * (1 - float(self.lead[number]))
        return [
            best * 0.95**place if section.article == first else others * ANOTHERS ** (place - 1)
            for place, section in enumerate(setting.sections)
        ]


class Saved(Stream):
    """Saved answers that wait until so many customers were answered the same. Remembers whose answer it served."""

    def __init__(self, *given: Any, customers: int) -> None:
        super().__init__(*given)
        self.customers = customers
        self.served: dict[int, int] = {}

    def look_up(self, number: int) -> tuple[Any, bool]:
        candidate, is_served = super().look_up(number)
        if not is_served:
            return candidate, False
        before = [saved for saved in self.saved if self.answers[saved] == candidate.answer]
        if len(before) < self.customers:
            return candidate, False
        self.served[number] = before[0]
        return candidate, True


def _hits(table: Table, asked: Sequence[Asked], vectors: Numbers, seed: int) -> tuple[Ints, Bools]:
    from chat.answer_cache.alike import analyse
    from chat.leaning import telling_words

    texts, answers = [one.text for one in asked], [str(one.meaning) for one in asked]
    words, signatures = [telling_words(text) for text in texts], [analyse(text) for text in texts]
    stream = Saved(vectors, words, signatures, answers, customers=table.customers)
    stream.rng = random.Random(seed)
    stream.run()
    served = np.full(len(asked), -1)
    for number, whose in stream.served.items():
        served[number] = whose
    pairs = zip(served, asked, strict=True)
    return served, np.array([whose >= 0 and asked[whose].meaning == one.meaning for whose, one in pairs])


def embedded(asked: Sequence[Asked]) -> Numbers:
    from llm.standin.embedder import Embedder

    return np.asarray(asyncio.run(Embedder().embed([one.text for one in asked]))[0], dtype=np.float64)
