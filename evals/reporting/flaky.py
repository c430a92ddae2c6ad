"""Cases that came out differently over the repetitions of one run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from evals.reporting.table import Row, Table
from evals.statistics.flakiness import Flakiness, flakiness


@dataclass(frozen=True)
class FlakyCase:
    """A case with its answers, and the share of them that passed."""

    key: str
    case: int
    passed: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Flaky:
    """The flaky cases, those that come out differently most evenly first."""

    whole: Flakiness
    cases: tuple[FlakyCase, ...]


def flaky_cases(table: Table) -> Flaky | None:
    """By the rules; None where no case was asked twice."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows:
        if row.case is not None and row.passed is not None:
            rows[str(row.case)].append(row)
    whole = flakiness({case: [bool(row.passed) for row in found] for case, found in rows.items()})
    if whole is None:
        return None
    cases = [FlakyCase(rows[case][0].key, int(case), whole.pass_rates[case], tuple(rows[case])) for case in whole.flaky]
    return Flaky(whole, tuple(sorted(cases, key=lambda one: (abs(one.passed - 0.5), one.key))))
