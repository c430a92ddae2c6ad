"""A day replayed under a policy: what it costs, how many answers are right, and what each part of it adds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evals.routing.policies import STRONG_ONLY, Value, propose
from evals.routing.trials import Trial
from evals.statistics.paired import Difference, paired_difference
from tests.benchmarks.assumed import Table
from tests.benchmarks.ease import Bools, Numbers
from tests.benchmarks.traffic import Day


@dataclass(frozen=True)
class Setup:
    """Which parts are switched on. `threshold` None is learned, from what both models answered."""

    saved: bool = True
    triage: bool = True
    rules: bool = True
    hard_is_a_rule: bool = True  # else what triage finds hard is only less easy
    ease: bool = True
    checks: bool = True
    compares: bool = True
    compares_ruled: bool = True  # also questions that a rule keeps from the small model
    threshold: float | None = None


STRONG = Setup(saved=False, triage=False, compares=False, threshold=STRONG_ONLY)
SMALL = Setup(saved=False, triage=False, rules=False, checks=False, compares=False, threshold=0.0)
SMALL_CHECKED = Setup(saved=False, triage=False, rules=False, compares=False, threshold=0.0)


@dataclass(frozen=True)
class Played:
    """What came of it, for each question: its cost in microdollars, and whether its answer was right."""

    cost: Numbers
    is_right: Bools
    by_small: Bools
    is_held_back: Bools
    is_hit: Bools
    parts: dict[str, float]  # what the cost is made of
    proposed: Value | None
    begins: int  # where what was learned is used from


@dataclass(frozen=True)
class Figures:
    """Of a day, held against the strong model alone. Shares from 0 to 1."""

    spared: float
    quality: float
    lost: Difference
    by_small: float
    held_back: float
    hits: float
    wrong_hits: float


def play(day: Day, table: Table, setup: Setup, before: Day | None = None) -> Played:
    """Replay the day. The threshold is learned on a day `before`; without one in the first part of this day, which
    the strong model answers."""
    n = day.kind.size
    ease, is_ruled, holds = _seen(day, setup)
    is_hit = (day.served_from >= 0) if setup.saved else np.zeros(n, bool)
    begins = round(n * table.learning) if setup.threshold is None and before is None else 0
    is_first = np.arange(n) < begins
    compared = np.where(is_first, True, (day.dice[1] < table.compared) & setup.compares) & ~is_hit
    compared &= setup.compares_ruled | ~is_ruled
    proposed, threshold = None, setup.threshold
    if threshold is None:
        known = _trials(before, setup)[: table.pairs] if before else _trials(day, setup, ~is_hit & is_first)
        proposed = propose(known, table.margin)
        threshold = proposed.threshold if proposed and proposed.threshold is not None else STRONG_ONLY
    asks_small = ~is_hit & ~is_ruled & (ease >= threshold) & ~is_first
    by_small = asks_small & holds
    is_right = np.where(by_small, day.is_small_right, day.is_strong_right)
    is_right = np.where(is_hit, day.is_right_hit & is_right[day.served_from], is_right)
    spent = _spent(day, table, setup, asks_small, by_small, is_hit, compared)
    parts = {name: float(cost.sum()) for name, cost in spent.items()}
    cost = np.sum(list(spent.values()), axis=0)
    return Played(cost, is_right, by_small, asks_small & ~holds, is_hit, parts, proposed, begins)


def _seen(day: Day, setup: Setup) -> tuple[Numbers, Bools, Bools]:
    """The ease of each question, whether a rule keeps it from the small model, and whether that one's answer holds."""
    read = day.read if setup.triage else day.read_without_triage
    nothing = np.zeros(day.kind.size, bool)
    return (
        read.ease if setup.ease else day.dice[0],
        read.is_ruled & ~(read.is_hard & (not setup.hard_is_a_rule)) if setup.rules else nothing,
        day.holds if setup.checks else ~nothing,
    )


def _trials(day: Day, setup: Setup, which: Bools | None = None) -> list[Trial]:
    """Of questions that both models answered. Those that a rule decides count too: the margin is of all answers."""
    ease, is_ruled, holds = _seen(day, setup)
    small = day.small_cost + day.check_cost * setup.checks
    columns = (ease, ~is_ruled, holds, day.judged, small, day.strong_cost)
    rows = zip(*(column if which is None else column[which] for column in columns), strict=True)
    return [Trial(float(e), bool(may), bool(h), float(x), float(a), float(b)) for e, may, h, x, a, b in rows]


def _spent(
    day: Day, table: Table, setup: Setup, asks_small: Bools, by_small: Bools, is_hit: Bools, compared: Bools
) -> dict[str, Numbers]:
    """For each part the cost of each question."""
    by_strong = ~is_hit & ~by_small
    other_small, other_strong = compared & ~asks_small, compared & by_small
    holds = day.holds if setup.checks else np.ones_like(is_hit)
    judged = (compared & asks_small & by_small) | (other_small & holds)
    verdicts = np.where(day.judged == 0, 1, 2) * day.verdict_cost  # a tie is not asked for in both orders
    checks = day.check_cost * setup.checks
    return {
        "strong model": by_strong * day.strong_cost,
        "small model": asks_small * day.small_cost,
        "checks of its answers": asks_small * checks,
        "triage": np.full(is_hit.size, day.triage_cost * setup.triage),
        "embeddings": day.embedding_cost,
        "comparisons": other_small * (day.small_cost + checks) + other_strong * day.strong_cost + judged * verdicts,
        "saved answers checked": (is_hit & (day.dice[2] < table.checked_hits)) * day.strong_cost,
    }


def random_like(day: Day, table: Table, like: Played) -> Played:
    """Random choice: the small model is asked first as often as there, with its answers checked, and nothing else."""
    share = float((like.by_small | like.is_held_back).mean())
    setup = Setup(saved=False, triage=False, rules=False, ease=False, compares=False, threshold=1 - share)
    return play(day, table, setup)


def oracle(day: Day) -> Played:
    """Knows beforehand who is right, and takes the cheapest; no saved answers, no checks, no triage."""
    to_strong = day.is_strong_right & ~day.is_small_right
    cost = np.where(to_strong, day.strong_cost, day.small_cost) + day.embedding_cost
    nothing = np.zeros(cost.size, bool)
    return Played(cost, day.is_strong_right | day.is_small_right, ~to_strong, nothing, nothing, {}, None, 0)


def figures(day: Day, played: Played) -> Figures:
    alone = day.strong_cost + day.embedding_cost
    lost = paired_difference(day.is_strong_right.astype(float), played.is_right.astype(float))
    assert lost is not None
    return Figures(
        spared=1 - float(played.cost.sum() / alone.sum()),
        quality=float(played.is_right.mean()),
        lost=lost,
        by_small=float(played.by_small.mean()),
        held_back=float(played.is_held_back.mean()),
        hits=float(played.is_hit.mean()),
        wrong_hits=float((played.is_hit & ~day.is_right_hit).mean()),
    )
