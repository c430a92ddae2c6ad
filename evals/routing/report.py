"""What `make bench-route` prints of a simulation, of real traffic: each policy's cost, and what it loses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from chat.models import AssistantVersion, Route
from chat.versions.states import live_version, version_of
from evals.routing.figures import Figures, figures_of
from evals.routing.policies import SMALL_FIRST, STRONG_ONLY, Value, oracle, random_like, value_of
from evals.routing.proposing import Outlook, outlook_on

HEADER = ("", "asked", "$ per 1,000", "spared", "lost, in points (95 %)", "by small", "held back")
WIDTHS = (34, 8, 13, 9, 28, 10, 11)


@dataclass(frozen=True)
class Report:
    """Of the last `days`; `version` is the label of the one whose routes were read, "" for all of them.

    `figures` are of all routes, their money the ledger's; `outlook` is of the pairs among them.
    """

    days: int
    version: str
    figures: Figures
    outlook: Outlook

    @property
    def policies(self) -> list[tuple[str, Value]]:
        """By their names, each on the same pairs: the ends, what was done, what is proposed, and by lot as often."""
        trials = self.outlook.sample.trials
        done = value_of(self.outlook.sample.as_it_was, 0.5)
        named = [
            ("strong only", value_of(trials, STRONG_ONLY)),
            ("small first, where no rule speaks", value_of(trials, SMALL_FIRST)),
            ("as it was chosen", done),
            ("by lot, as often", random_like(trials, done)),
        ]
        if proposed := self.outlook.proposed:
            on_all = value_of(trials, proposed.threshold if proposed.threshold is not None else STRONG_ONLY)
            named += [
                (f"proposed: from an ease of {proposed.threshold:.2f}", on_all),
                ("by lot, as often as proposed", random_like(trials, on_all)),
            ]
        return [*named, ("oracle", oracle(trials))]


def report_of(days: int, row: AssistantVersion | None = None, *, now: datetime | None = None) -> Report:
    """Of all routes of the last days, or those of one version, under its own margin and weights of ease."""
    since = (now or timezone.now()) - timedelta(days=days)
    routes = Route.objects.filter(created_at__gte=since)
    version = version_of(row) if row else live_version()
    if row:
        routes = routes.filter(version=row)
    figures = figures_of(routes, since, row)
    return Report(days, version.label if row else "", figures, outlook_on(routes, version.assistant.model_choice))


def as_text(report: Report) -> str:
    """For a terminal."""
    return "\n".join(_lines(report))


def as_json(report: Report) -> dict[str, Any]:
    """The same as plain data. Costs are in microdollars a question, shares and regrets from 0 to 1."""
    figures, seen = report.figures, report.outlook
    return {
        "days": report.days,
        "version": report.version,
        "questions": figures.questions,
        "asked_small": figures.asked_small,
        "by_small": figures.by_small,
        "held_back": figures.held_back,
        "dollars": figures.money.in_dollars if figures.money.is_known else None,
        "saved_dollars": figures.money.saved,
        "pairs": seen.sample.pairs,
        "judged": seen.sample.judged,
        "judged_by_people": seen.sample.by_people,
        "is_demo": seen.sample.is_demo,
        "is_priced": seen.sample.is_priced,
        "margin": seen.margin,
        "policies": {name: asdict(value) for name, value in report.policies},
        "proposed": asdict(seen.proposed) if seen.proposed else None,
        "why_not": seen.why_not,
    }


def _lines(report: Report) -> Iterator[str]:
    figures, seen = report.figures, report.outlook
    whose = f" of {report.version}" if report.version else ""
    yield f"The last {report.days} days{whose}: {figures.questions:,} questions for which a model was chosen"
    yield (
        f"small asked first {figures.asked_small:,} · its answer shown {figures.by_small:,} · held back "
        f"{figures.held_back:,} · both answered {seen.sample.pairs:,} · judged {seen.sample.judged:,}, "
        f"{seen.sample.by_people:,} of them by people"
    )
    yield _money(figures)
    yield ""
    if not seen.sample.trials:
        yield "No pair of answers is judged yet: compare a share of the questions (`compared` in the version)."
        return
    yield _row(HEADER)
    for name, value in report.policies:
        yield _row(_cells(name, value, is_priced=seen.sample.is_priced))
    yield ""
    yield from _notes(seen)


def _notes(seen: Outlook) -> Iterator[str]:
    if not seen.sample.is_priced:
        yield "A price is not known: the strong model's answer counts as 1 and the small one's as nothing."
    if seen.sample.is_demo:
        yield "Judged by the demo model: it shows how this works and says nothing of quality."
    if seen.why_not:
        yield f"Nothing is proposed. {seen.why_not}"
    elif not seen.proposed:
        yield f"Nothing is proposed: no threshold surely loses at most {100 * seen.margin:.1f} points."


def _money(figures: Figures) -> str:
    money = figures.money
    if not money.is_known:
        return "money: the price of a model is not known (LLM_PRICES)"
    spared = "" if money.saved_percent is None else f", {money.saved_percent:.1f} % less"
    return (
        f"money: ${money.spent / 1e6:,.4f} spent (answers {money.answers / 1e6:,.4f}, comparisons "
        f"{money.comparisons / 1e6:,.4f}, judges {money.judges / 1e6:,.4f}); the strong model alone "
        f"${money.strong_only / 1e6:,.4f}{spared}"
    )


def _cells(name: str, value: Value, *, is_priced: bool) -> tuple[str, ...]:
    lost = value.regret
    return (
        name,
        f"{value.asked_of_small:.1%}",
        f"{value.cost / 1_000:,.3f}" if is_priced else "-",
        f"{value.spared:.1%}",
        f"{100 * lost.value:.2f} ({100 * lost.low:.2f} to {100 * lost.high:.2f})",
        f"{value.by_small:.1%}",
        f"{value.held_back:.1%}",
    )


def _row(cells: tuple[str, ...]) -> str:
    name, *others = zip(cells, WIDTHS, strict=True)
    return f"{name[0]:<{name[1]}}" + "".join(f"{cell:>{width}}" for cell, width in others)
