"""Cases that do not come out the same each time they are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Flakiness:
    """`share` of the cases that were run more than once came out differently; `pass_rates` by case, from 0 to 1."""

    share: float
    cases: int
    flaky: tuple[str, ...]
    pass_rates: dict[str, float]


def flakiness(passed_by_case: Mapping[str, Sequence[bool]]) -> Flakiness | None:
    """Which cases differ over their repetitions; None when no case was run twice."""
    repeated = {case: outcomes for case, outcomes in passed_by_case.items() if len(outcomes) > 1}
    if not repeated:
        return None
    rates = {case: sum(outcomes) / len(outcomes) for case, outcomes in passed_by_case.items() if outcomes}
    flaky = tuple(case for case in repeated if 0 < rates[case] < 1)
    return Flakiness(len(flaky) / len(repeated), len(repeated), flaky, rates)
