"""What the page of two runs shows beside the pairs: what changed, figures with their intervals, filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from chat.versions.text import Line, as_text, diff
from evals.charts import Interval, interval
from evals.charts.spans import shared_reach
from evals.comparing.comparison import Comparison, Spent
from evals.comparing.duels import Duels, cost_of, duels_of, judge_of_pairs
from evals.comparing.metrics import Metric
from evals.comparing.pairing import Change, Pair
from evals.models import Run
from evals.models.runs import RunQuerySet
from evals.running.changes import changed_around
from evals.running.runs import Refused, version_of_run
from evals.statistics.intervals import Estimate
from evals.statistics.paired import Difference
from evals.statistics.verdicts import Verdict
from knowledge.access import Viewer

MOST_CHOICES = 100
WORSE = (Change.NEW_HARD_FAILURE, Change.WORSE, Change.NO_ANSWER)
FILTERS: dict[str, tuple[str, tuple[Change, ...]]] = {
    "": ("All that changed", tuple(change for change in Change if change is not Change.SAME)),
    "worse": ("Got worse", WORSE),
    "better": ("Got better", (Change.BETTER,)),
    "scores": ("Another score", (Change.OTHER_SCORE,)),
    "all": ("All cases", tuple(Change)),
}


@dataclass(frozen=True)
class ShownMetric:
    """A metric's row: shares in per cent, the difference in points and drawn."""

    metric: Metric
    chart: Interval | None

    @property
    def sides(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The value and its interval, before and after."""
        return _per_cent(self.metric.before), _per_cent(self.metric.after)

    @property
    def difference(self) -> str:
        return _signed(self.metric.difference, 100, "{:+.1f}")

    @property
    def looks(self) -> str:
        """The class of its verdict."""
        return self.metric.verdict.value if self.metric.verdict in {Verdict.BETTER, Verdict.WORSE} else "unsure"


@dataclass(frozen=True)
class ShownSpent:
    """What an answer takes on both sides, in words."""

    name: str
    before: str
    after: str
    difference: str


@dataclass(frozen=True)
class Circumstance:
    """Something that answers depend on, as it was on both sides."""

    name: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Beside:
    """Computed when the template asks."""

    comparison: Comparison
    viewer: Viewer
    which: str

    @cached_property
    def metrics(self) -> list[ShownMetric]:
        """All metrics, their differences drawn on one axis."""
        found = [metric.difference for metric in self.comparison.metrics if metric.difference]
        reach = shared_reach(found)
        return [
            ShownMetric(one, interval(one.difference, low=-reach, high=reach) if one.difference else None)
            for one in self.comparison.metrics
        ]

    @cached_property
    def spent(self) -> list[ShownSpent]:
        """Time and cost of an answer, where both sides know them."""
        time, cost = self.comparison.time, self.comparison.cost
        rows = [
            _spent("Seconds an answer", time, 1 / 1_000, "{:.2f}"),
            _spent("Dollars an answer", cost, 1 / 1_000_000, "{:.5f}"),
        ]
        return [row for row in rows if row]

    @cached_property
    def filters(self) -> list[tuple[str, str, int, bool]]:
        """(value, label, how many cases, whether it is the one chosen)"""
        counts = self.comparison.counts
        return [
            (name, label, sum(counts[change] for change in changes), name == self.which)
            for name, (label, changes) in FILTERS.items()
        ]

    @cached_property
    def left_out(self) -> dict[str, list[str]]:
        """Reason → the cases' ids."""
        found: dict[str, list[str]] = {}
        for one in self.comparison.left_out:
            found.setdefault(one.why, []).append(one.key)
        return found

    @cached_property
    def version_diff(self) -> list[Line] | None:
        """What differs in prompts and settings; None for those who may not read prompts, or where it is not known."""
        if not self.viewer.can_manage_assistant:
            return None
        try:
            before, after = (version_of_run(run) for run in (self.comparison.before, self.comparison.after))
        except Refused:
            return None
        return list(diff(as_text(before.assistant), as_text(after.assistant)))

    @cached_property
    def circumstances(self) -> list[Circumstance]:
        return list(_circumstances(self.comparison.before, self.comparison.after))

    @cached_property
    def changed(self) -> list[str]:
        """The parts that differ, for chips: those that the run has kept, if it was begun against the other one."""
        before, after = self.comparison.before, self.comparison.after
        kept = after.changed if after.baseline_id == before.pk else []
        return list(dict.fromkeys([*kept, *changed_around(before.circumstances, after.circumstances)]))

    @cached_property
    def duels(self) -> Duels | None:
        judge = judge_of_pairs()
        return duels_of(self.comparison.before, self.comparison.after, judge) if judge else None

    @cached_property
    def share(self) -> Interval | None:
        """The later run's share of the judge's words, drawn."""
        return interval(self.duels.share) if self.duels and self.duels.share else None

    @cached_property
    def cost_of_duels(self) -> float | None:
        """Dollars; None where no price is known."""
        judge = judge_of_pairs()
        cost = cost_of(self.comparison.before, self.comparison.after, judge) if judge else None
        return None if cost is None else cost / 1_000_000


def _per_cent(estimate: Estimate | None) -> tuple[str, str]:
    if estimate is None:
        return "", ""
    return f"{100 * estimate.value:.0f} %", f"{100 * estimate.low:.0f}–{100 * estimate.high:.0f}"


def _signed(difference: Difference | None, scale: float, form: str) -> str:
    if difference is None:
        return ""
    value, low, high = (form.format(scale * part) for part in (difference.value, difference.low, difference.high))
    return f"{value} ({low} to {high})".replace("-", "−")


def _spent(name: str, spent: Spent | None, scale: float, form: str) -> ShownSpent | None:
    if spent is None or not (spent.before.value or spent.after.value):
        return None
    before, after = (form.format(scale * side.value) for side in (spent.before, spent.after))
    return ShownSpent(name, before, after, _signed(spent.difference, scale, form.replace(":", ":+")))


def choices_of(viewer: Viewer) -> RunQuerySet:
    """The latest runs of sets that have answers, to choose from."""
    runs = Run.objects.visible_to(viewer).exclude(dataset_version=None).exclude(state=Run.State.WAITING)
    return runs.select_related("dataset_version__dataset", "assistant_version")[:MOST_CHOICES]


def wanted_pairs(comparison: Comparison, which: str) -> list[Pair]:
    """The pairs that a filter shows. A filter that does not exist shows all that changed."""
    _, changes = FILTERS.get(which, FILTERS[""])
    return [pair for pair in comparison.pairs if pair.change in changes]


def _circumstances(before: Run, after: Run) -> Iterator[Circumstance]:
    old, new = before.circumstances, after.circumstances
    aliases = dict.fromkeys([*old.get("models", {}), *new.get("models", {})])
    for alias in aliases:
        names = [side.get("models", {}).get(alias, "not kept") for side in (old, new)]
        yield Circumstance(f"Model, {alias}", *names)
    for name in ("documents", "code"):
        yield Circumstance(name.capitalize(), old.get(name, "not kept"), new.get(name, "not kept"))
    yield Circumstance("Repetitions", str(before.repetitions), str(after.repetitions))
    yield Circumstance("Set", str(before.dataset_version or "real turns"), str(after.dataset_version or "real turns"))
