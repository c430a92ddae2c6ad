"""All that the page of one run shows, from one table of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.http import urlencode

from evals.charts import Bars, Interval, bars, interval, shared_reach
from evals.headlines import Headline, headline_of
from evals.models import Run
from evals.reporting.effort import Effort, effort_of
from evals.reporting.failures import OUTCOMES, Wanted, counts, wanted_rows
from evals.reporting.flaky import Flaky, flaky_cases
from evals.reporting.scorecard import Score, scorecard
from evals.reporting.slices import Facets, Group, Slice, facets_of, slices
from evals.reporting.table import Row, Table, load
from evals.statistics.paired import Difference


@dataclass(frozen=True)
class ShownScore:
    """A grader's figures, with its mean and the spread of its words drawn."""

    score: Score
    mean: Interval | None
    spread: Bars


@dataclass(frozen=True)
class ShownSlice:
    slice: Slice
    chart: Interval | None


@dataclass(frozen=True)
class ShownGroup:
    group: Group
    slices: tuple[ShownSlice, ...]


@dataclass(frozen=True)
class Filter:
    """A link that shows other answers: its words, how many there are, and the query behind it."""

    label: str
    count: int
    query: str
    is_current: bool


@dataclass(frozen=True)
class Overview:
    """The figures of a run, and those of its answers that are wanted."""

    headline: Headline
    difference: Interval | None
    effort: Effort
    scores: list[ShownScore]
    groups: list[ShownGroup]
    flaky: Flaky | None
    wanted: Wanted
    wanted_rows: list[Row]
    filters: list[Filter]
    query: str = field(default="")


def overview_of(run: Run, wanted: Wanted) -> Overview:
    """Computed anew each time, but for the headline. `wanted` says which answers are listed."""
    table = load(run)
    facets = facets_of(table)
    figures = headline_of(run)
    return Overview(
        figures,
        _difference(figures.difference) if figures.difference else None,
        effort_of(table.rows),
        [_shown_score(score) for score in scorecard(table)],
        _shown_groups(table, facets, figures.metric),
        flaky_cases(table),
        wanted,
        wanted_rows(table, wanted, facets),
        _filters(table, wanted),
        urlencode(wanted.query),
    )


def _difference(difference: Difference) -> Interval:
    reach = shared_reach([difference])
    return interval(difference, low=-reach, high=reach)


def _shown_score(score: Score) -> ShownScore:
    mean = interval(score.mean, low=0, high=1) if score.mean else None
    return ShownScore(score, mean, bars(score.spread))


def _shown_groups(table: Table, facets: Facets, metric: str) -> list[ShownGroup]:
    return [
        ShownGroup(
            group,
            tuple(
                ShownSlice(one, interval(one.estimate, low=0, high=1) if one.estimate else None) for one in group.slices
            ),
        )
        for group in slices(table, facets, metric)
    ]


def _filters(table: Table, wanted: Wanted) -> list[Filter]:
    """Those by outcome; the others stay as they are."""
    found = counts(table, wanted.grader)
    return [
        Filter(label, found[outcome], urlencode(wanted.but(outcome=outcome).query), outcome == wanted.outcome)
        for outcome, label in OUTCOMES.items()
        if found[outcome] or outcome in {"failures", "all", wanted.outcome}
    ]
