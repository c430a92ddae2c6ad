"""How far a run is, and how long the rest will take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from evals.models import Grading, Result, Run
from evals.running.spending import spent_by

LOOKED_BACK = timedelta(minutes=3)  # so far back the pace is measured: it may have been paused before


@dataclass(frozen=True)
class Progress:
    """`seconds_left` is None as long as nothing tells it; `dollars` is None where no price is known."""

    done: int
    expected: int
    passed: int
    judged: int
    unanswered: int
    dollars: float | None
    seconds_left: float | None
    graded_again: int | None = None  # of `done`, where an ended run is graded once more

    @property
    def is_whole(self) -> bool:
        return self.done >= self.expected

    @property
    def minutes_left(self) -> int | None:
        """Rounded up; 0 for less than one."""
        return None if self.seconds_left is None else int(-(-self.seconds_left // 60)) if self.seconds_left > 60 else 0


def progress_of(run: Run) -> Progress:
    """Four queries."""
    n = Result.objects.filter(run=run).aggregate(
        all=Count("pk"),
        good=Count("pk", Q(passed=True)),
        said=Count("pk", Q(passed__isnull=False)),
        broken=Count("pk", ~Q(error="")),
        priced=Count("pk", Q(cost_microdollars__isnull=False)),
    )
    spent = spent_by(run)
    return Progress(
        n["all"],
        run.expected,
        n["good"],
        n["said"],
        n["broken"],
        spent.microdollars / 1_000_000 if n["priced"] or spent.on_grades else None,
        _seconds_left(run, run.expected - n["all"]),
        _graded_again(run),
    )


def _seconds_left(run: Run, left: int) -> float | None:
    """By the pace of the last minutes."""
    if left <= 0 or not run.is_open:
        return None
    since = timezone.now() - LOOKED_BACK
    latest = Result.objects.filter(run=run, created_at__gte=since).aggregate(n=Count("pk"), first=Min("created_at"))
    if latest["n"] < 2:
        return None
    each = (timezone.now() - latest["first"]).total_seconds() / latest["n"]
    return float(left * each)


def _graded_again(run: Run) -> int | None:
    after = run.circumstances.get("again", {}).get("after")
    if not after or not run.is_open:
        return None
    again = Q()
    for name, last in after.items():
        again |= Q(grader=name, pk__gt=last)
    said = Grading.objects.filter(again, result__run=run).by_machines()
    return said.values("result").annotate(n=Count("pk")).filter(n__gte=len(after)).count()
