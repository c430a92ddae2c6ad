"""`make bench-route [DATA=file.json] [SEED=7]`: a day of questions under the choice of a model. **A simulation.**

Made up are the questions, which of two scripted models is right (the table that is printed first), what triage and
search say of them, and the judge's mistakes. The product's own code are the choice (`chat.model_choice`), the checks of
the small model's answer (`chat.writing.draft`, over HTTP), the checks on saved questions and their learned acceptance,
the tokens that are read and written, and the threshold (`evals.routing.policies.propose`). It is learned in the first
part of a first day and used in the rest; on a later day it comes from what was compared before. What is spent on
triage, checks, comparisons and embeddings is counted. A saved answer that was wrong when first given stays wrong.

DATA is a stream of questions as for `make bench-cache`; then the share of those that come again is the file's.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import asked as asking
from tests.benchmarks.assumed import Table
from tests.benchmarks.replay import SMALL, SMALL_CHECKED, STRONG, Figures, Played, Setup, figures, oracle, play
from tests.benchmarks.replay import random_like as by_lot
from tests.benchmarks.scripted import RIGHT, Setting, Workshop, workshop
from tests.benchmarks.search import ROOT, own_database
from tests.benchmarks.traffic import Day, day_of, embedded

SEED = int(os.environ.get("SEED") or 7)
SETTINGS = 14  # sections of the help centre that answers are made from
OUT = ROOT / "var" / "bench"
AIM, BEARABLE = 0.70, 0.01  # cost down, quality lost
WITHOUT = {
    "saved answers": Setup(saved=False),
    "the signs of ease (by lot)": Setup(ease=False),
    "rules": Setup(rules=False),
    "the rule on hard questions": Setup(hard_is_a_rule=False),
    "rules and ease (by lot)": Setup(rules=False, ease=False),
    "checks of the small answer": Setup(checks=False),
    "triage": Setup(triage=False),
    "comparisons": Setup(compares=False),
    "comparing what rules decide": Setup(compares_ruled=False),
}
OTHERWISE: dict[str, dict[str, Any]] = {
    **{f"triage right in {share:.0%}": {"triage_right": share} for share in (0.6, 0.75, 0.9)},
    **{f"checks catch {share:.0%}": {"caught": share} for share in (0.4, 0.6, 0.8, 0.95)},
    "search tells nothing": {"best": (0.40,) * 3, "lead": (0.25,) * 3},
    "both make the same mistakes": {"same_mistakes": True},
    "the judge right in 85%": {"judge_right": 0.85},
    "1,000 pairs compared before": {"pairs": 1_000},
    "9,000 pairs compared before": {"pairs": 9_000},
}


@dataclass(frozen=True)
class Row:
    """A policy on the first day, on which it learns, and on a later one."""

    name: str
    first: Figures
    later: Figures


class Bench:
    """The questions and what was measured of them, and days drawn from them under different tables."""

    def __init__(self, questions: Sequence[asking.Asked]) -> None:
        from chat.versions.states import house

        record = house()
        record = record.model_copy(update={"triage": record.triage.model_copy(update={"when": "always"})})
        self.questions = questions
        self.settings, self.measured = self._workshop(record)
        self.vectors = self._vectors()

    @staticmethod
    def _workshop(record: Any) -> tuple[list[Setting], Workshop]:
        return workshop(SETTINGS, record, SEED)

    def _vectors(self) -> Any:
        """Embedding 10,000 questions takes minutes: the vectors of the same ones are kept."""
        name = hashlib.sha256("\n".join(one.text for one in self.questions).encode()).hexdigest()[:16]
        kept = OUT / f"route-{name}.npy"
        if not kept.exists():
            OUT.mkdir(parents=True, exist_ok=True)
            np.save(kept, embedded(self.questions))
        return np.load(kept)

    def day(self, table: Table, like: Day | None = None, *, is_before: bool = False) -> Day:
        seed = SEED + 1 if is_before else SEED
        return day_of(table, self.questions, self.vectors, self.settings, self.measured, seed, like)


@dataclass(frozen=True)
class Days:
    """A day, and one before it on which both models answered every question."""

    table: Table
    day: Day
    before: Day

    @classmethod
    def drawn(cls, bench: Bench, table: Table, like: Days | None = None) -> Days:
        day = bench.day(table, like.day if like else None)
        return cls(table, day, bench.day(table, like.before if like else day, is_before=True))

    def row(self, name: str, setup: Setup) -> Row:
        first, later = play(self.day, self.table, setup), self.later(setup)
        return Row(name, figures(self.day, first), figures(self.day, later))

    def later(self, setup: Setup) -> Played:
        return play(self.day, self.table, setup, self.before)

    def same(self, name: str, played: Played) -> Row:
        """Of what learns nothing."""
        return Row(name, figures(self.day, played), figures(self.day, played))


def rows_of(days: Days) -> list[Row]:
    """The baselines and the product."""
    return [
        days.row("strong only", STRONG),
        days.row("small only, unchecked", SMALL),
        days.row("small first, checked", SMALL_CHECKED),
        days.same("by lot, as often small, checked", by_lot(days.day, days.table, days.later(Setup()))),
        days.same("oracle", oracle(days.day)),
        days.row("Frontdesk", Setup()),
    ]


def ablation(days: Days) -> list[Row]:
    return [days.row(f"without {name}", setup) for name, setup in WITHOUT.items()]


def sensitivity(bench: Bench, days: Days) -> list[Row]:
    """The product under other assumptions than the table's."""
    found = []
    for name, changes in OTHERWISE.items():
        found.append(Days.drawn(bench, replace(days.table, **changes), days).row(name, Setup()))
    return found


def show(title: str, rows: Sequence[Row]) -> None:
    print(f"\n{title:<36}{'first day':>18}{'later day':>18}{'lost then, 95 %':>18}", end="")
    print(f"{'small':>8}{'held':>8}{'saved':>8}{'wrong':>8}")
    for row in rows:
        first, later = row.first, row.later
        days = "".join(f"{-one.spared:>+9.1%}{-100 * one.lost.value:>+9.2f}" for one in (first, later))
        between = f"{-100 * later.lost.high:+.2f} … {-100 * later.lost.low:+.2f}"
        shares = "".join(f"{share:>8.1%}" for share in (later.by_small, later.held_back, later.hits))
        print(f"{row.name:<36}{days}{between:>18}{shares}{later.wrong_hits:>8.2%}")


def show_table(table: Table, bench: Bench) -> None:
    print("A SIMULATION: two scripted models. Assumed are, for easy, medium and hard questions where there are three:")
    for name, value in asdict(table).items():
        print(f"  {name:<16}{dict(value) if name == 'faults' else value}")
    again = len(bench.questions) - sum(asking.first_times(bench.questions))
    print(f"  {'seed':<16}{SEED}\nMeasured: {len(bench.questions):,} questions, {again:,} of them asked before")
    for kind in bench.measured.outcomes:
        word = "held back though right" if kind in RIGHT else "caught"
        print(f"  {kind:<26}{bench.measured.caught(kind):>6.0%} {word}")


def show_checked(day: Day) -> None:
    """With where passages fit, which the kinds above leave out: there all fit alike."""
    caught, held = (1 - day.holds[right].mean() for right in (~day.is_small_right, day.is_small_right))
    print(f"  {'on the day, of the wrong':<26}{caught:>6.0%} caught, of the right {held:.0%} held back; a judge of")
    print(f"  {'':<26}the demo model's read what sentences mean")


def main() -> None:
    table = Table()
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    questions = asking.from_file(file) if file else asking.day(table.questions, table.again, random.Random(SEED))
    with own_database():
        bench = Bench(questions)
        show_table(table, bench)
        days = Days.drawn(bench, table)
        show_checked(days.day)
        main_rows, without, otherwise = rows_of(days), ablation(days), sensitivity(bench, days)
    show("The day", main_rows)
    show("Frontdesk, of which each part", without)
    show("Frontdesk, if it were otherwise", otherwise)
    later = days.later(Setup())
    report(later, main_rows[-1])
    write(table, bench, [*main_rows, *without, *otherwise], later)


def report(later: Played, ours: Row) -> None:
    print("\nOf each day: cost against the strong model alone, and points of right answers lost (below 0: gained).")
    print("On the first day the strong model answers a part, all of which is compared; that proposes how it goes on.")
    print("The later day goes by what was compared before it. Saved answers begin empty on both.")
    found = later.proposed
    threshold = f"an ease of {found.threshold:.2f}, from {found.n:,} compared questions" if found else "nothing"
    print(f"Proposed for the later day: {threshold}")
    whole = sum(later.parts.values())
    print("Spent on it: " + ", ".join(f"{name} {cost / whole:.1%}" for name, cost in later.parts.items()))
    for name, one in (("first day", ours.first), ("later day", ours.later)):
        is_met = one.spared >= AIM and -one.lost.value <= BEARABLE
        print(f"Aim, cost down by 70 % at one point of quality, {name}: {'met' if is_met else 'missed'}")


def write(table: Table, bench: Bench, rows: Sequence[Row], later: Played) -> None:
    caught = {kind: round(bench.measured.caught(kind), 4) for kind in bench.measured.outcomes}
    figures = {row.name: {"first_day": _json(row.first), "later_day": _json(row.later)} for row in rows}
    found = {
        "is_simulated": True,
        "seed": SEED,
        "table": asdict(table) | {"faults": dict(table.faults)},
        "held_back": caught,
        "figures": figures,
        "spent": later.parts,
    }
    (OUT / "route.json").write_text(json.dumps(found, indent=2) + "\n")


def _json(one: Figures) -> dict[str, Any]:
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in asdict(one).items()}


if __name__ == "__main__":
    main()
