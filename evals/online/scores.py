"""What real customers get, day by day and by each grader; and whether it has changed of late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from evals.graders import GRADERS
from evals.models import Grading, Result, Run
from evals.models.runs import RunQuerySet
from evals.online.sampling import DOWN, day_of
from evals.online.weighing import Read, Turns, Weighed, weighed
from evals.reporting.table import PASSED
from evals.statistics.drift import Drift, Point, drift_of
from evals.statistics.intervals import Estimate, proportion
from evals.statistics.paired import holm

DAYS, LATELY = 28, 7  # shown on the page; of these, the last ones are held against the others
LEAST_TURNS = 20  # graded, in each of the two windows: fewer tell nothing
ALPHA = 0.05
DISLIKED = "disliked"  # the share of turns with thumbs down: counted, not sampled


@dataclass(frozen=True)
class Score:
    """One metric over time. `drift` is the last days minus those before, `p` adjusted for the number of metrics."""

    name: str
    title: str
    points: tuple[Point, ...]
    now: Estimate | None
    drift: Drift | None
    p: float | None = None

    @property
    def has_changed(self) -> bool:
        return self.p is not None and self.p <= ALPHA

    @property
    def is_worse(self) -> bool:
        """Changed for the worse: a score is better when it is high, the share of thumbs down when it is low."""
        if self.drift is None or not self.has_changed:
            return False
        return self.drift.value > 0 if self.name == DISLIKED else self.drift.value < 0


@dataclass(frozen=True)
class Traffic:
    """Real turns of the last days: how many, how many were graded, which versions answered, and all scores."""

    since: date
    turns: Turns
    graded: int
    scores: tuple[Score, ...]
    versions: tuple[tuple[date, int], ...]

    @property
    def worse(self) -> list[Score]:
        return [score for score in self.scores if score.is_worse]


def scores_now(runs: RunQuerySet | None = None, *, now: datetime | None = None) -> Traffic:
    """All of it, from runs that somebody may see. A handful of queries, whatever the traffic."""
    today = day_of(now or timezone.now())
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    kept = _runs_since(days[0], Run.objects.all() if runs is None else runs)
    turns, read = _turns_by_day(kept), _read_by_metric(kept)
    scores = [_disliked(days, turns)] if any(turns.values()) else []
    scores += [_score(name, days, by_day, turns) for name, by_day in read.items()]
    return Traffic(
        since=days[0],
        turns=sum(turns.values(), Turns()),
        graded=Result.objects.filter(run__in=[run.pk for run in kept]).count(),
        scores=tuple(_adjusted(scores)),
        versions=tuple(_first_days(kept)),
    )


def _runs_since(day: date, runs: RunQuerySet) -> list[Run]:
    online = runs.filter(trigger=Run.Trigger.ONLINE, circumstances__day__gte=day.isoformat())
    return list(online.select_related("assistant_version").order_by("circumstances__day", "id"))


def _day(run: Run) -> date:
    return date.fromisoformat(run.circumstances["day"])


def _turns_by_day(runs: Iterable[Run]) -> dict[date, Turns]:
    turns: dict[date, Turns] = defaultdict(Turns)
    for run in runs:
        turns[_day(run)] += Turns(**run.circumstances.get("turns", {}))
    return turns


def _read_by_metric(runs: Sequence[Run]) -> dict[str, dict[date, list[Read]]]:
    """What each grader has read, by day: rules together first, then in the order of the shelf."""
    days = {run.pk: _day(run) for run in runs}
    is_disliked = Q(reply__feedback__verdict=DOWN) | Q(reply=None, weight=1)  # of a deleted turn the weight still tells
    results = Result.objects.filter(run__in=days, error="").annotate(is_disliked=is_disliked)
    known = {}
    read: dict[str, dict[date, list[Read]]] = {PASSED: defaultdict(list)}
    for pk, run, weight, disliked, passed in results.values_list("pk", "run", "weight", "is_disliked", "passed"):
        known[pk] = days[run], weight, bool(disliked)
        read[PASSED][days[run]].append(Read(None if passed is None else float(passed), weight, bool(disliked)))
    said = Grading.objects.filter(result__run__in=days, is_demo=False, against=None).by_machines()
    for result, name, outcome, score in said.values_list("result", "grader", "outcome", "score"):
        if outcome != Grading.Outcome.FAILED and name in GRADERS and result in known:
            day, weight, disliked = known[result]
            read.setdefault(name, defaultdict(list))[day].append(Read(score, weight, disliked))
    order = list(GRADERS)
    names = sorted(read, key=lambda name: order.index(name) if name in order else -1)
    return {name: read[name] for name in names if _has_scores(read[name])}


def _has_scores(by_day: dict[date, list[Read]]) -> bool:
    return any(word.score is not None for words in by_day.values() for word in words)


def _score(name: str, days: Sequence[date], read: dict[date, list[Read]], turns: dict[date, Turns]) -> Score:
    def over(some: Sequence[date]) -> Weighed:
        words = [word for day in some for word in read.get(day, ())]
        return weighed(words, sum((turns.get(day, Turns()) for day in some), Turns()))

    earlier, later = over(days[:-LATELY]), over(days[-LATELY:])
    drift = None
    if min(len(earlier.scores), len(later.scores)) >= LEAST_TURNS:
        drift = drift_of(earlier.scores, later.scores, earlier_weights=earlier.weights, later_weights=later.weights)
    title = "All rules together" if name == PASSED else GRADERS[name].title
    points = tuple(Point(_label(day), over([day]).estimate) for day in days)
    return Score(name, title, points, later.estimate, drift)


def _disliked(days: Sequence[date], turns: dict[date, Turns]) -> Score:
    """Counted over all turns: no sample, no weights."""

    def over(some: Sequence[date]) -> Turns:
        return sum((turns.get(day, Turns()) for day in some), Turns())

    earlier, later = over(days[:-LATELY]), over(days[-LATELY:])
    drift = None
    if min(earlier.all, later.all) >= LEAST_TURNS:
        drift = drift_of(_ones_and_zeros(earlier), _ones_and_zeros(later))
    points = tuple(Point(_label(day), proportion(over([day]).disliked, over([day]).all)) for day in days)
    return Score(DISLIKED, "Thumbs down", points, proportion(later.disliked, later.all), drift)


def _ones_and_zeros(turns: Turns) -> list[float]:
    return [1.0] * turns.disliked + [0.0] * turns.rest


def _adjusted(scores: Sequence[Score]) -> Iterable[Score]:
    """With p adjusted for as many metrics as there are."""
    adjusted = holm({score.name: score.drift.p for score in scores if score.drift})
    for score in scores:
        yield Score(score.name, score.title, score.points, score.now, score.drift, adjusted.get(score.name))


def _first_days(runs: Iterable[Run]) -> Iterable[tuple[date, int]]:
    """The day on which each version first answered, as far as the window goes."""
    seen: dict[int, date] = {}
    for run in runs:
        if run.assistant_version:
            seen.setdefault(run.assistant_version.number, _day(run))
    return sorted((day, number) for number, day in seen.items())


def _label(day: date) -> str:
    return f"{day:%-d %b}"
