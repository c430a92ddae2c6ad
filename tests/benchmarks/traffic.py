"""The day that `make bench-route` replays: what each question is, what both models make of it, and what that costs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks.answer_cache import Stream
from tests.benchmarks.asked import Asked
from tests.benchmarks.assumed import Table
from tests.benchmarks.ease import Bools, Ints, Numbers, Read, Signs
from tests.benchmarks.scripted import RIGHT, Setting, Workshop


@dataclass(frozen=True)
class Day:
    """Columns of shape (questions,). Costs are in microdollars; `served_from` is the question whose saved answer would
    be served, -1 for none, and `is_right_hit` whether that wants the same answer."""

    table: Table
    seed: int
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
    """Draw the day. The same seed draws the same numbers, whatever the table says of them. Of `like`, a day of the same
    questions, what is the same is taken over: saved answers, and with the same seed and signs the choices."""
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
    right = [measured.outcomes[RIGHT[0]][place] for place in setting]
    drawn = Signs.drawn(table, kind, dice)
    holds &= (
        is_small_right | (fault != "another passage") | ~drawn.rests_on_less([settings[place] for place in setting])
    )
    if table.caught is not None:
        holds = np.where(is_small_right, holds, thrown >= table.caught)
    hits = (like.served_from, like.is_right_hit) if like else _hits(table, asked, vectors, seed)
    reads = _reads(table, drawn, asked, settings, setting, like if like and like.seed == seed else None)
    return Day(
        table=table,
        seed=seed,
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
        read=reads[0],
        read_without_triage=reads[1],
        served_from=hits[0],
        is_right_hit=hits[1],
        dice=dice.random((4, n)),
    )


def _reads(
    table: Table, drawn: Signs, asked: Sequence[Asked], settings: Sequence[Setting], of: Ints, like: Day | None
) -> tuple[Read, Read]:
    """With triage and without."""
    if like and table.signs == like.table.signs:
        return like.read, like.read_without_triage
    return drawn.read(asked, settings, of)


def _cost(tokens: tuple[float, float], price: tuple[float, float]) -> float:
    return tokens[0] * price[0] + tokens[1] * price[1]


def _judged(table: Table, lost: Numbers, dice: np.random.Generator) -> Numbers:
    said = dice.choice([-1.0, 0.0, 1.0], lost.size)
    return np.where(dice.random(lost.size) < table.judge_right, lost, said)


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
