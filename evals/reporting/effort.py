"""What a run's answers took: seconds, and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.reporting.table import Row


@dataclass(frozen=True)
class Effort:
    """Seconds at percentiles over the answers that came, and dollars. None where nothing is known.

    `unpriced` counts the answers whose price is not known: with some of them the dollars are too few.
    """

    p50: float | None
    p95: float | None
    p99: float | None
    first_word_p50: float | None
    first_word_p95: float | None
    dollars: float | None
    dollars_each: float | None
    unpriced: int


def effort_of(rows: Sequence[Row]) -> Effort:
    """The effort of these answers. Errors took time too, but are no answers: they are left out."""
    came = [row for row in rows if not row.error]
    whole = sorted(row.ms for row in came)
    first = sorted(row.first_word_ms for row in came if row.first_word_ms)
    priced = [row.cost_microdollars for row in rows if row.cost_microdollars is not None]
    dollars = sum(priced) / 1_000_000 if priced else None
    return Effort(
        _at(whole, 0.5),
        _at(whole, 0.95),
        _at(whole, 0.99),
        _at(first, 0.5),
        _at(first, 0.95),
        dollars,
        dollars / len(priced) if dollars is not None else None,
        sum(row.cost_microdollars is None for row in came),
    )


def _at(milliseconds: Sequence[int], share: float) -> float | None:
    """The percentile by nearest rank, in seconds, of sorted times."""
    if not milliseconds:
        return None
    rank = max(1, -(-len(milliseconds) * share // 1))
    return milliseconds[int(rank) - 1] / 1000
