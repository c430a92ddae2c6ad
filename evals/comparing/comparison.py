"""Two runs on the cases that they share: is the later one better, in what, and what got worse?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evals.comparing.metrics import Metric, metrics_of, values_of
from evals.comparing.pairing import Change, LeftOut, Pair, graders_of, left_out, mean_of, pair_up
from evals.comparing.sameness import sameness_of
from evals.models import Run
from evals.reporting.table import PASSED, Row, load
from evals.statistics.intervals import Estimate, mean
from evals.statistics.paired import Difference, paired_difference
from evals.statistics.power import cases_needed, spread_of

POINTS = (3, 5, 10)  # per cent: differences of which the page says how many cases would show them


@dataclass(frozen=True)
class Spent:
    """What an answer takes, over the shared cases: milliseconds or microdollars, never tested, only shown."""

    before: Estimate
    after: Estimate
    difference: Difference


@dataclass(frozen=True)
class Comparison:
    """`pairs` begin with what got worse; `metrics` with the primary one. `needed` says for a difference of so many
    points how many cases would show it, as far as the shared cases tell."""

    before: Run
    after: Run
    pairs: tuple[Pair, ...]
    left_out: tuple[LeftOut, ...]
    metrics: tuple[Metric, ...]
    time: Spent | None
    cost: Spent | None
    needed: dict[int, int]

    @property
    def primary(self) -> Metric | None:
        return next((metric for metric in self.metrics if metric.is_primary), None)

    @property
    def counts(self) -> dict[Change, int]:
        """How many cases became what; all kinds, in the order of `Change`."""
        counted = Counter(pair.change for pair in self.pairs)
        return {change: counted[change] for change in Change}


def compare(before: Run, after: Run) -> Comparison:
    """Both runs from the database: eight queries, whatever their size. Cases, not answers, are what is counted: the
    repetitions of a case are averaged, and cases of one cluster are one observation."""
    old, new, sameness = load(before), load(after), sameness_of(before, after)
    pairs = pair_up(old, new, sameness)
    primary = primary_metric_of(after)
    metrics = metrics_of(pairs, graders_of(new, sameness), sameness, primary=primary)
    return Comparison(
        before,
        after,
        pairs,
        left_out(old, new),
        metrics,
        time=_spent(pairs, "ms"),
        cost=_spent(pairs, "cost_microdollars"),
        needed=_needed(pairs, primary),
    )


def primary_metric_of(run: Run) -> str:
    """The metric that decides on a run's set; `passed` for a run of no set."""
    return run.dataset_version.dataset.primary_metric if run.dataset_version else PASSED


def _spent(pairs: Sequence[Pair], column: str) -> Spent | None:
    def of(rows: Sequence[Row]) -> float | None:
        values = [getattr(row, column) for row in rows if not row.error]
        return None if not values or None in values else sum(values) / len(values)

    before, after, units = values_of(pairs, of)
    difference = paired_difference(before, after, clusters=units, scale=None)
    old, new = (mean(side, clusters=units, scale=None) for side in (before, after))
    return Spent(old, new, difference) if difference and old and new else None


def _needed(pairs: Sequence[Pair], primary: str) -> dict[int, int]:
    before, after, _ = values_of(pairs, lambda rows: mean_of(rows, primary))
    if len(before) < 2:
        return {}
    spread = spread_of(before, after)
    return {points: cases_needed(points / 100, spread=spread) for points in POINTS} if spread else {}
