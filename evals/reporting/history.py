"""One case over all runs that asked it, in all its revisions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from evals.models import CaseRevision, Result, Run
from knowledge.access import Viewer

MOST_RUNS = 60

Outcome = Literal["passed", "failed", "hard", "error", "unsaid"]
WORDS: dict[Outcome, str] = {
    "passed": "passed",
    "failed": "failed",
    "hard": "failed hard",
    "error": "no answer",
    "unsaid": "not judged by a rule",
}


@dataclass(frozen=True)
class Cell:
    """One answer on the strip."""

    result: Result
    outcome: Outcome

    @property
    def words(self) -> str:
        return WORDS[self.outcome]


@dataclass(frozen=True)
class Stop:
    """One run on the strip, with an answer for each repetition, and the revision of the case that it asked."""

    run: Run
    revision: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class History:
    """`stops` are in the order of time, the latest `MOST_RUNS` of them; `runs` counts all."""

    stops: tuple[Stop, ...]
    runs: int

    @property
    def latest_first(self) -> tuple[Stop, ...]:
        return tuple(reversed(self.stops))


def history_of(case: CaseRevision, viewer: Viewer) -> History:
    """The case in all its revisions, over the runs that asked any of them. Two queries."""
    answers = Result.objects.visible_to(viewer).filter(case__dataset=case.dataset_id, case__key=case.key)
    runs = list(answers.order_by("-run_id").values_list("run_id", flat=True).distinct())
    found: dict[int, list[Result]] = defaultdict(list)
    recent = answers.filter(run__in=runs[:MOST_RUNS]).select_related("run__assistant_version", "case")
    recent = recent.defer("receipt", "run__assistant_version__content").order_by("run_id", "repetition", "id")
    for result in recent:
        found[result.run_id].append(result)
    stops = [_stop(results) for results in found.values()]
    return History(tuple(sorted(stops, key=lambda stop: (stop.run.created_at, stop.run.pk))), len(runs))


def outcome_of(result: Result) -> Outcome:
    """What has become of an answer, in one word."""
    if result.error:
        return "error"
    if result.is_hard_failure:
        return "hard"
    return "unsaid" if result.passed is None else "passed" if result.passed else "failed"


def _stop(results: list[Result]) -> Stop:
    revision = results[0].case.revision if results[0].case else 0
    return Stop(results[0].run, revision, tuple(Cell(result, outcome_of(result)) for result in results))
