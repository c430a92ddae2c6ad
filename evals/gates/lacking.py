"""The runs that a gate needs and that nobody has begun yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from chat.models import AssistantVersion
from chat.versions.states import find, version_of
from evals.datasets.sets import Refused as NotFrozen
from evals.datasets.sets import freeze
from evals.gates.sets import SetGate
from evals.graders import GRADERS
from evals.models import Dataset, Run
from evals.running.estimating import Estimate, estimate
from evals.running.runs import Refused, default_baseline, default_graders, start


@dataclass(frozen=True)
class Lacking:
    """A set that a version has to be run on."""

    dataset: Dataset
    version: AssistantVersion
    is_live: bool


@dataclass(frozen=True)
class Price:
    """Of all that is lacking. `dollars` is None where a price is not known."""

    answers: int
    seconds: float
    dollars: float | None


def lacking(gates: Sequence[SetGate], version: AssistantVersion) -> list[Lacking]:
    """Of each set first the live version, which the other one is compared with. What is under way is not lacking."""
    live = find("live")
    found = []
    for gate in gates:
        running = {run.assistant_hash for run in gate.under_way}
        if not gate.dataset.cases.approved().exists():
            continue
        if gate.needs_baseline and live.pk != version.pk and live.hash not in running:
            found.append(Lacking(gate.dataset, live, is_live=True))
        if gate.needs_run and version.hash not in running:
            found.append(Lacking(gate.dataset, version, is_live=False))
    return found


def price_of(lacks: Sequence[Lacking]) -> Price:
    """What they will take, all together, one after the other."""
    each = [_estimate(one) for one in lacks]
    dollars = [one.dollars for one in each if one.dollars is not None]
    known = len(dollars) == len(each)
    return Price(sum(one.answers for one in each), sum(one.seconds for one in each), sum(dollars) if known else None)


@transaction.atomic
def begin(lacks: Sequence[Lacking], *, by: int | None) -> list[Run]:
    """Freeze the sets as they are now and let the runs wait for a worker. Raises `evals.running.runs.Refused`."""
    begun: list[Run] = []
    live: dict[int, Run] = {}
    for one in lacks:  # of each set what is compared with comes first
        try:
            cases = freeze(one.dataset, by=by)
        except NotFrozen as problem:
            raise Refused(str(problem)) from problem
        note = "To compare with, for the gate" if one.is_live else f"For the gate of version {one.version.number}"
        baseline = None if one.is_live else live.get(one.dataset.pk) or default_baseline(one.dataset)
        begun.append(start(cases, one.version, note=note, by=by, baseline=baseline, graders=_graders()))
        if one.is_live:
            live[one.dataset.pk] = begun[-1]
    return begun


def _graders() -> list[str]:
    """Those that say something of one answer: the gate compares by figures."""
    return [name for name in default_graders() if not GRADERS[name].compares]


def _estimate(lack: Lacking) -> Estimate:
    cases = [row.case for row in lack.dataset.cases.approved()]
    assistant = version_of(lack.version).assistant
    return estimate(lack.dataset, cases, assistant, repetitions=1, graders=_graders())
