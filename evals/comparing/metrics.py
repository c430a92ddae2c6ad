"""The figures of each metric on both sides, their difference, and what may be said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from evals.comparing.pairing import Pair, mean_of
from evals.comparing.sameness import Sameness
from evals.grading import Outcome
from evals.reporting.estimates import title_of
from evals.reporting.table import PASSED, Row
from evals.statistics.intervals import Estimate, mean
from evals.statistics.paired import Difference, holm, paired_difference
from evals.statistics.verdicts import Verdict, verdict_of

DEMO = "demo verdicts: they decide nothing"
Sides = tuple[list[float], list[float], list[str]]  # before, after, and what counts as one independent observation


@dataclass(frozen=True)
class Troubles:
    """How often a grader broke, and how often it had nothing to say, over the answers to the shared cases."""

    failed: int = 0
    abstained: int = 0


@dataclass(frozen=True)
class Metric:
    """One metric over the shared cases, from 0 to 1. `p` is adjusted for the number of metrics (Holm), but not that of
    the primary metric, which is tested alone. `problem` says why there is no verdict."""

    name: str
    title: str
    is_primary: bool
    before: Estimate | None
    after: Estimate | None
    difference: Difference | None
    p: float | None
    verdict: Verdict | None
    problem: str
    is_demo: bool
    troubles: tuple[Troubles, Troubles]

    @property
    def may_be_graded_again(self) -> bool:
        """Whether grading the older run again would make the two comparable."""
        return bool(self.problem) and not self.is_demo


def metrics_of(pairs: Sequence[Pair], names: Sequence[str], sameness: Sameness, *, primary: str) -> tuple[Metric, ...]:
    """All metrics, the primary one first. Those that cannot be compared are there with their problem."""
    order = sorted(dict.fromkeys([PASSED, *names]), key=lambda name: name != primary)
    found = [_measured(pairs, name, sameness, is_primary=name == primary) for name in order]
    adjusted = holm({one.name: one.difference.p for one in found if one.difference and _is_one_of_many(one)})
    return tuple(_with_verdict(one, adjusted.get(one.name)) for one in found)


def values_of(pairs: Sequence[Pair], value: Callable[[Sequence[Row]], float | None]) -> Sides:
    """The value on both sides, of each case that has one on both."""
    before, after, units = [], [], []
    for pair in pairs:
        old, new = value(pair.before), value(pair.after)
        if old is not None and new is not None:
            before.append(old)
            after.append(new)
            units.append(pair.unit)
    return before, after, units


def _measured(pairs: Sequence[Pair], name: str, sameness: Sameness, *, is_primary: bool) -> Metric:
    is_demo = name in sameness.demo
    problem = sameness.problem_of(name)
    before, after, units = values_of(pairs, lambda rows: mean_of(rows, name))
    return Metric(
        name,
        title_of(name),
        is_primary,
        None if problem else mean(before, clusters=units),
        None if problem else mean(after, clusters=units),
        None if problem else paired_difference(before, after, clusters=units),
        p=None,
        verdict=None,
        problem=problem or (DEMO if is_demo else ""),
        is_demo=is_demo,
        troubles=(_troubles((p.before for p in pairs), name), _troubles((p.after for p in pairs), name)),
    )


def _is_one_of_many(metric: Metric) -> bool:
    return not metric.is_primary and not metric.problem


def _with_verdict(metric: Metric, adjusted: float | None) -> Metric:
    """A metric with a problem gets no verdict, whatever its figures are."""
    if metric.problem:
        return metric
    p = adjusted if adjusted is not None else metric.difference.p if metric.difference else None
    return replace(metric, p=p, verdict=verdict_of(metric.difference, p=p))


def _troubles(answers: Iterable[Sequence[Row]], name: str) -> Troubles:
    outcomes = [row.marks[name].outcome for rows in answers for row in rows if name in row.marks]
    return Troubles(outcomes.count(Outcome.FAILED), outcomes.count(Outcome.ABSTAINED))
