"""The gate of a version: every set that gates, with what its latest run says, or with what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from chat.models import AssistantVersion
from chat.versions.states import live_version
from evals.gates.checking import check
from evals.gates.findings import GateReport
from evals.gates.not_worse import NAME
from evals.models import Dataset, Run
from evals.models.runs import RunQuerySet


@dataclass(frozen=True)
class SetGate:
    """One set. `report` is about the latest run of this version that has ended; where there is none, `missing` says
    so. `under_way` are runs of this version and of the live one that are not over yet."""

    dataset: Dataset
    report: GateReport | None
    missing: str
    under_way: tuple[Run, ...]

    @property
    def is_passed(self) -> bool:
        return self.report is not None and self.report.is_passed

    @property
    def needs_run(self) -> bool:
        """Whether this version has to be run (again) before the gate can say anything."""
        again = {"complete", "version", "set", "circumstances"}
        return self.report is None or any(finding.name in again for finding in self.report.objections)

    @property
    def needs_baseline(self) -> bool:
        """Whether the live version has to be run, to have something to compare with."""
        if self.report is None:
            return self.dataset.purpose != Dataset.Purpose.SAFETY
        return self.report.baseline is None and any(finding.name == NAME for finding in self.report.objections)

    @property
    def sentences(self) -> list[str]:
        """What speaks against publishing, for people."""
        if self.report is None:
            return [f"{self.dataset.title}: {self.missing}"]
        return [f"{self.dataset.title}: {finding.words}" for finding in self.report.objections]


def gate_of(version: AssistantVersion) -> list[SetGate]:
    """All sets that gate, by their titles. An empty list where none does: then nothing is asked of a version."""
    return [_gate(dataset, version) for dataset in Dataset.objects.in_use().filter(gates=True)]


def _gate(dataset: Dataset, version: AssistantVersion) -> SetGate:
    runs = Run.objects.filter(dataset_version__dataset=dataset).select_related("dataset_version", "assistant_version")
    hashes = {version.hash, live_version().hash}
    under_way = tuple(runs.open().filter(assistant_hash__in=hashes))
    run = _latest(runs, version)
    return SetGate(dataset, check(run) if run else None, "" if run else _missing(dataset, under_way), under_way)


def _latest(runs: RunQuerySet, version: AssistantVersion) -> Run | None:
    """The latest one that is over: of the version as it is now, else as it was before it was edited."""
    over = runs.exclude(state__in=[Run.State.WAITING, Run.State.RUNNING]).filter(assistant_version=version)
    return over.filter(assistant_hash=version.hash).first() or over.first()


def _missing(dataset: Dataset, under_way: tuple[Run, ...]) -> str:
    if under_way:
        return "It is being run; look again when that is over."
    if not dataset.cases.approved().exists():
        return "It gates and holds no approved case. Add cases, or let it gate no more."
    return "This version was not run on it yet."
