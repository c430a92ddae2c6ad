"""What the list of runs shows: its filters, a line for each run, and how many cases a difference needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from evals.charts import Interval, interval, shared_reach
from evals.headlines import Headline, answered_by, headlines
from evals.models import Run
from evals.statistics.power import cases_needed, detectable

MOST_LISTED = 50
POINTS = (3, 5, 10)
USUAL_SPREAD = 0.45  # of the cases' differences: about one answer in five comes out differently


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to. Real turns have a page of their own: they are listed only when asked for."""

    dataset: str = ""
    trigger: str = ""
    state: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Filters:
        """As an address asks for it; what does not exist narrows nothing."""
        trigger, state = query.get("trigger", ""), query.get("state", "")
        return cls(
            query.get("set", "")[:60],
            trigger if trigger in Run.Trigger.values else "",
            state if state in Run.State.values else "",
        )

    @property
    def as_q(self) -> Q:
        found = Q(trigger=self.trigger) if self.trigger else ~Q(trigger=Run.Trigger.ONLINE)
        if self.dataset:
            found &= Q(dataset_version__dataset__slug=self.dataset)
        return found & Q(state=self.state) if self.state else found

    @property
    def query(self) -> dict[str, str]:
        """For an address."""
        given = {"set": self.dataset, "trigger": self.trigger, "state": self.state}
        return {name: value for name, value in given.items() if value}

    @property
    def triggers(self) -> list[tuple[str, str]]:
        return [(value, label) for value, label in Run.Trigger.choices]

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(value, label) for value, label in Run.State.choices]


@dataclass(frozen=True)
class Line:
    """A run in the list. `headline` is None while it is open; `answered` is None once it is done."""

    run: Run
    headline: Headline | None
    answered: int | None
    chart: Interval | None


@dataclass(frozen=True)
class Enough:
    """Cases that differences of so many points need, and the points that the latest version of a set can show.

    `is_measured` says that the spread comes from two runs, and not from what is usual.
    """

    name: str
    size: int
    shows: int | None
    needed: tuple[tuple[int, int], ...]
    is_measured: bool


def rows_of(runs: Iterable[Run]) -> list[Line]:
    """A line for each run. What ended runs come to is kept, so that a page costs few queries."""
    runs = list(runs)
    figures, answered = headlines(runs), answered_by(runs)
    reach = shared_reach([one.difference for one in figures.values() if one.difference])
    return [Line(run, figures.get(run.pk), answered.get(run.pk), _chart(figures.get(run.pk), reach)) for run in runs]


def enough_cases(lines: Sequence[Line]) -> Enough | None:
    """For the set of the latest run on the page; None when there is none."""
    latest = next((line.run.dataset_version for line in lines if line.run.dataset_version), None)
    if latest is None:
        return None
    of_the_set = [line.headline for line in lines if _set_of(line) == latest.dataset_id and line.headline]
    measured = next((one.spread for one in of_the_set if one.spread), None)
    spread = measured or USUAL_SPREAD
    shown = detectable(latest.size, spread=spread)
    return Enough(
        latest.dataset.title,
        latest.size,
        math.ceil(shown * 100) if shown < 1 else None,
        tuple((points, cases_needed(points / 100, spread=spread)) for points in POINTS),
        measured is not None,
    )


def _set_of(line: Line) -> int | None:
    version = line.run.dataset_version
    return version.dataset_id if version else None


def _chart(figures: Headline | None, reach: float) -> Interval | None:
    """Drawn on the axis that all differences of a page share."""
    if figures is None or figures.difference is None:
        return None
    return interval(figures.difference, low=-reach, high=reach)
