"""A comparison in one sentence, for a terminal and a pull request."""

from __future__ import annotations

from evals.comparing.comparison import Comparison
from evals.comparing.pairing import Change


def told(comparison: Comparison) -> str:
    """What the primary metric says, with the interval, and how many cases became better and worse."""
    primary, name = comparison.primary, f"Against run {comparison.before.pk}"
    if primary is None:
        return f"{name}: no case is in both runs, so nothing can be said."
    if primary.problem or primary.difference is None or primary.verdict is None:
        return f"{name}, {primary.title}: {primary.problem or 'no case has a score in both runs'}."
    difference = primary.difference
    points = f"{100 * difference.value:+.1f} points ({100 * difference.low:+.0f} to {100 * difference.high:+.0f})"
    counts = comparison.counts
    worse = counts[Change.WORSE] + counts[Change.NEW_HARD_FAILURE]
    return (
        f"{name}, {primary.title}: {primary.verdict.value}, {points} over {difference.n} cases; "
        f"{counts[Change.BETTER]} better, {worse} worse."
    )
