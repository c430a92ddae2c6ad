"""What the list says of each run in one line. Figures of ended runs are computed once and kept in the cache.

The cache's key holds all that changes when a run, or its baseline, is graded again: a worker then renews `ended_at`
and the graders' versions. So what is kept is never about other grades.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache
from django.db.models import Count
from pydantic import TypeAdapter, ValidationError

from evals.comparing.comparison import primary_metric_of
from evals.comparing.metrics import Metric, metrics_of, values_of
from evals.comparing.pairing import mean_of, pair_up
from evals.comparing.sameness import sameness_of
from evals.grading import Outcome
from evals.models import Result, Run
from evals.reporting.effort import effort_of
from evals.reporting.estimates import estimate, title_of
from evals.reporting.table import Table, load
from evals.statistics.intervals import Estimate
from evals.statistics.paired import Difference
from evals.statistics.power import spread_of
from evals.statistics.verdicts import Verdict

KEPT_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True)
class Headline:
    """A run in one line. Times are in seconds. `spread` is the standard deviation of the cases' differences to the
    baseline: what a larger set needs is reckoned with it. `problem` says why the two cannot be compared."""

    metric: str
    title: str
    answers: int
    estimate: Estimate | None
    difference: Difference | None
    verdict: Verdict | None
    problem: str
    spread: float | None
    hard_failures: int
    unanswered: int
    grader_errors: int
    is_demo: bool
    dollars: float | None
    unpriced: int
    p50: float | None
    p95: float | None

    @property
    def points(self) -> str:
        """The difference to the baseline in points, with its sign: `+6`, `−15`; "" where there is none."""
        return f"{self.difference.value * 100:+.0f}".replace("-", "−") if self.difference else ""


def headlines(runs: Iterable[Run]) -> dict[int, Headline]:
    """The headline of each run that has ended, by its key. `runs` come with their set and their baseline."""
    ended = {_key(run): run for run in runs if not run.is_open}
    kept = cache.get_many(ended)
    found = {run.pk: _read(kept[key]) for key, run in ended.items() if key in kept}
    tables = _Tables()
    new = {key: headline(tables.of(run), tables) for key, run in ended.items() if found.get(run.pk) is None}
    if new:
        cache.set_many({key: _FORM.dump_json(one) for key, one in new.items()}, KEPT_SECONDS)
    known = {pk: one for pk, one in found.items() if one}
    return known | {ended[key].pk: one for key, one in new.items()}


def headline_of(run: Run) -> Headline:
    """One run's, as far as it has come."""
    return headline(load(run)) if run.is_open else headlines([run])[run.pk]


class _Tables:
    """Reads a run that several others are held against once."""

    def __init__(self) -> None:
        self.read: dict[int, Table] = {}

    def of(self, run: Run) -> Table:
        if run.pk not in self.read:
            self.read[run.pk] = load(run)
        return self.read[run.pk]


def headline(table: Table, tables: _Tables | None = None) -> Headline:
    """Computed from the table, and from the baseline's."""
    run, metric = table.run, primary_metric_of(table.run)
    before = (tables or _Tables()).of(run.baseline) if run.baseline and table.rows else None
    compared, spread = _against(before, table, metric) if before else (None, None)
    effort = effort_of(table.rows)
    marks = [mark for row in table.rows for mark in row.marks.values()]
    return Headline(
        metric,
        title_of(metric),
        len(table.rows),
        estimate(table.rows, metric),
        compared.difference if compared else None,
        compared.verdict if compared else None,
        compared.problem if compared else "",
        spread,
        sum(row.is_hard_failure for row in table.rows),
        sum(bool(row.error) for row in table.rows),
        sum(mark.outcome is Outcome.FAILED for mark in marks),
        any(row.marks[metric].is_demo for row in table.rows if metric in row.marks),
        effort.dollars,
        effort.unpriced,
        effort.p50,
        effort.p95,
    )


def answered_by(runs: Iterable[Run]) -> dict[int, int]:
    """How many answers each run has that is not done, by its key."""
    waiting = [run.pk for run in runs if run.state != Run.State.DONE]
    counted = Result.objects.filter(run__in=waiting).order_by().values("run").annotate(n=Count("pk"))
    return dict.fromkeys(waiting, 0) | dict(counted.values_list("run", "n"))


def _against(before: Table, table: Table, metric: str) -> tuple[Metric, float | None]:
    """The metric over the cases that both have, as the page of the two shows it, and the spread of its differences."""
    sameness = sameness_of(before.run, table.run)
    pairs = pair_up(before, table, sameness)
    found = metrics_of(pairs, [metric], sameness, primary=metric)[0]
    old, new, _ = values_of(pairs, lambda rows: mean_of(rows, metric))
    return found, spread_of(old, new) if len(old) > 1 else None


def _key(run: Run) -> str:
    """Changes with the grades of the run and of its baseline."""
    known = [
        [one.pk, one.state, one.baseline_id, str(one.ended_at), str(one.heartbeat_at), one.graders]
        for one in (run, run.baseline)
        if one
    ]
    said = json.dumps([known, primary_metric_of(run)], sort_keys=True)
    return f"evals:headline:{sha256(said.encode()).hexdigest()[:32]}"


def _read(kept: bytes) -> Headline | None:
    """None for what another release has kept in another form."""
    try:
        return _FORM.validate_json(kept)
    except ValidationError:
        return None


_FORM: TypeAdapter[Headline] = TypeAdapter(Headline)
