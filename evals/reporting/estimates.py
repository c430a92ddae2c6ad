"""A metric over some rows of a table, as a figure with its 95 % interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from evals.graders import GRADERS
from evals.reporting.table import PASSED, Row
from evals.statistics.intervals import Estimate, mean, proportion

TOO_WIDE = 0.2  # half an interval: beyond it a figure says too little to be read


def title_of(metric: str) -> str:
    """A metric's name for people."""
    if metric == PASSED:
        return "Passed by the rules"
    return GRADERS[metric].title if metric in GRADERS else metric.replace("_", " ").capitalize()


def estimate(rows: Iterable[Row], metric: str) -> Estimate | None:
    """The mean of the metric, from 0 to 1, over the rows that have it; None where none has.

    Repetitions and cases of one cluster are one observation. Where each of these passed or failed as a whole it is a
    share with Wilson's interval, else a mean with that of clustered means.
    """
    return estimate_of([(row.unit, value, row.weight) for row in rows if (value := row.value(metric)) is not None])


def estimate_of(observed: list[tuple[str, float, float]]) -> Estimate | None:
    """The same for (unit, value from 0 to 1, weight)."""
    if not observed:
        return None
    names, values, weights = zip(*observed, strict=True)
    passed = _each_as_a_whole(names, values) if set(values) <= {0.0, 1.0} and set(weights) == {1} else None
    if passed is not None:
        return proportion(sum(passed), len(passed))
    found = mean(values, clusters=names, weights=None if set(weights) == {1} else weights)
    return found and Estimate(found.value, max(0.0, found.low), min(1.0, found.high), found.n)


def is_too_wide(found: Estimate) -> bool:
    """Whether the figure says too little to be read by itself."""
    return found.half_width > TOO_WIDE


def _each_as_a_whole(names: Sequence[str], values: Sequence[float]) -> list[bool] | None:
    """Whether each unit passed; None where one did not come out the same each time, or where sizes differ."""
    sizes, sums = Counter(names), Counter[str]()
    if len(sizes) == len(names):
        return [value == 1 for value in values]
    for name, value in zip(names, values, strict=True):
        sums[name] += int(value)
    if len(set(sizes.values())) > 1 or any(0 < sums[name] < size for name, size in sizes.items()):
        return None
    return [sums[name] > 0 for name in sizes]
