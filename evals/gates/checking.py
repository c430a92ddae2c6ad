"""All rules of the gate, held against one run."""

from __future__ import annotations

from evals.gates.currency import complete, same_circumstances, same_content, same_set
from evals.gates.evidence import Evidence
from evals.gates.findings import Finding, GateReport
from evals.gates.holding import critical, hard_failures, invariants, safety
from evals.gates.not_worse import baseline_for, not_worse
from evals.models import Run


class NothingToCheck(Exception):
    """The run is of no set: real turns have no expectations that a gate could hold them to."""


def check(run: Run, baseline: Run | None = None) -> GateReport:
    """Whether the run is good enough to publish what it is a run of. Sync; two runs of 1,000 answers take a second.

    `baseline` is what it must not be worse than; left out, it is the latest run of the live version over the same
    cases and circumstances. Raises `NothingToCheck` for a run of real turns.
    """
    if run.dataset_version is None:
        raise NothingToCheck(f"Run {run.pk} is of real turns, which expect nothing: a gate needs a run of a set.")
    evidence = Evidence(run, run.dataset_version.dataset)
    before = baseline or baseline_for(run)
    rules: list[Finding | None] = [
        complete(evidence),
        same_content(evidence),
        same_set(evidence),
        same_circumstances(evidence),
        invariants(evidence),
        hard_failures(evidence),
        safety(evidence, before),
        critical(evidence, before),
        not_worse(evidence, before),
    ]
    return GateReport(run, tuple(rule for rule in rules if rule), before)
