"""What a gate has found."""

from __future__ import annotations

from dataclasses import dataclass

from evals.models import Run


@dataclass(frozen=True)
class Finding:
    """One rule of a gate. `results` are the answers that it is about, by their keys in the database."""

    name: str
    is_passed: bool
    words: str
    results: tuple[int, ...] = ()


@dataclass(frozen=True)
class GateReport:
    """All rules, held against one run. `baseline` is the run that it was compared with."""

    run: Run
    findings: tuple[Finding, ...]
    baseline: Run | None = None

    @property
    def is_passed(self) -> bool:
        return all(finding.is_passed for finding in self.findings)

    @property
    def objections(self) -> tuple[Finding, ...]:
        """The rules that do not hold."""
        return tuple(finding for finding in self.findings if not finding.is_passed)
