"""What the rules of a gate look at: a run, its answers, and who of its graders may decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from evals.comparing.sameness import is_rule
from evals.graders import GRADERS
from evals.grading import Outcome
from evals.judging.licences import licence_of
from evals.models import CaseRevision, Dataset, Run
from evals.reporting.table import PASSED, Mark, Row, Table, load


@dataclass(frozen=True)
class Evidence:
    """A run of a set."""

    run: Run
    dataset: Dataset

    @cached_property
    def table(self) -> Table:
        return load(self.run)

    @cached_property
    def judges(self) -> frozenset[str]:
        """The judges of the run whose word may decide."""
        used = {name: said.get("version", "") for name, said in self.run.graders.items() if self._is_judge(name)}
        return frozenset(name for name, version in used.items() if licence_of(name, version).may_gate)

    @cached_property
    def primary(self) -> str:
        """The metric that decides: that of the set, or `passed` where it is a judge whose word may not decide."""
        metric = self.dataset.primary_metric
        return metric if metric == PASSED or self.may_decide(metric) else PASSED

    @cached_property
    def critical(self) -> frozenset[int]:
        """The cases whose failure alone keeps a version back."""
        found = CaseRevision.objects.filter(results__run=self.run, content__severity="critical")
        return frozenset(found.values_list("pk", flat=True))

    def may_decide(self, grader: str) -> bool:
        """Code may; a judge may as long as it agrees with people; the demo model never."""
        return not self._is_judge(grader) or grader in self.judges

    def marks_that_decide(self, row: Row) -> dict[str, Mark]:
        """What the row's graders say that may decide, except what only measures a number."""
        return {
            name: mark
            for name, mark in row.marks.items()
            if not mark.is_demo and (is_rule(name) or name == self.primary or name in self.judges)
        }

    def broken(self, row: Row) -> bool:
        """Whether a grader that may decide broke over this answer."""
        return any(mark.outcome is Outcome.FAILED for mark in self.marks_that_decide(row).values())

    def _is_judge(self, name: str) -> bool:
        """One that is not on the shelf any more is known by the model that it asked."""
        if name in GRADERS:
            return GRADERS[name].kind == "judge"
        return bool(self.run.graders.get(name, {}).get("model"))


def ids(rows: Sequence[Row]) -> tuple[int, ...]:
    return tuple(row.result for row in rows)
