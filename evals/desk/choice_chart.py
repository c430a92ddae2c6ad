"""The figures as people read them: quality in points of a hundred, the frontier as a picture and as a table."""

from __future__ import annotations

from dataclasses import dataclass

from chat.models import AssistantVersion
from evals import charts
from evals.routing.figures import Figures
from evals.routing.policies import Value
from evals.routing.proposing import Outlook
from evals.statistics.intervals import Estimate

ROWS = 12  # of the table


@dataclass(frozen=True)
class Points:
    """Quality lost in points of a hundred answers, as text, with its 95 % interval; from `n` independent questions."""

    value: str
    low: str
    high: str
    n: int


@dataclass(frozen=True)
class Row:
    """The figures of some days, or of a version."""

    name: str
    figures: Figures
    version: AssistantVersion | None = None

    @property
    def lost(self) -> Points:
        return points_of(self.figures.value.regret)


@dataclass(frozen=True)
class Line:
    """A policy as a row: its name, what it comes to, and what it is besides."""

    name: str
    value: Value
    is_live: bool = False
    is_proposed: bool = False

    @property
    def spared_percent(self) -> float:
        return 100 * self.value.spared

    @property
    def small_percent(self) -> float:
        return 100 * self.value.by_small

    @property
    def lost(self) -> Points:
        return points_of(self.value.regret)


def points_of(regret: Estimate) -> Points:
    return Points(_point(regret.value), _point(regret.low), _point(regret.high), regret.n)


def chart_of(seen: Outlook) -> charts.Frontier | None:
    """None where no threshold makes a difference yet."""
    if len(seen.curve) < 2:
        return None
    return charts.frontier_chart(
        [_place(value, _name(value, seen)) for value in seen.curve],
        [_place(value, "Random choice") for value in seen.line],
        live=_place(seen.live, "The live version") if seen.live else None,
        proposed=_place(seen.proposed, "Proposed") if seen.proposed else None,
    )


def table_of(seen: Outlook) -> list[Line]:
    """The ends, the live policy, the proposed one, and some of the thresholds between, in the order of their cost."""
    if len(seen.curve) < 2:
        return []
    lines = [Line(_name(value, seen), value) for value in _some(seen.curve)]
    if seen.live:
        lines.append(Line(_threshold(seen.live), seen.live, is_live=True))
    if seen.proposed:
        lines.append(Line(_threshold(seen.proposed), seen.proposed, is_proposed=True))
    lines.append(Line("Random choice, half of them", seen.line[len(seen.line) // 2]))
    return sorted(lines, key=lambda line: -line.value.cost)


def _point(share: float) -> str:
    """`1.2`, `−0.4`, and never `−0.0`."""
    return f"{round(100 * share, 1) + 0:.1f}".replace("-", "−")


def _some(curve: tuple[Value, ...]) -> list[Value]:
    """Both ends and evenly spread ones between."""
    last = len(curve) - 1
    shown = min(len(curve), ROWS)
    return [curve[number] for number in sorted({round(n * last / (shown - 1)) for n in range(shown)})]


def _name(value: Value, seen: Outlook) -> str:
    if value is seen.curve[0]:
        return "The strong model only"
    return "The small model first, always" if value is seen.curve[-1] else _threshold(value)


def _threshold(value: Value) -> str:
    return f"Ease from {value.threshold:.2f}"


def _place(value: Value, name: str) -> charts.Place:
    cost, lost = 100 * (1 - value.spared), 100 * value.regret.value
    return charts.Place(cost, lost, f"{name}: {cost:.0f} % of the cost, {lost:.1f} points lost")
