"""Whether a metric measures the same on both sides: a grader that was changed in between says nothing about answers."""

from __future__ import annotations

from dataclasses import dataclass

from evals.graders import GRADERS
from evals.models import Grading, Run
from evals.reporting.table import PASSED

Versions = dict[str, frozenset[str]]  # grader → its versions, as its words say


@dataclass(frozen=True)
class Sameness:
    """Who graded the two runs. `demo` are graders of which the demo model spoke at least once."""

    before: Versions
    after: Versions
    demo: frozenset[str]

    def problem_of(self, metric: str) -> str:
        """Why the two sides cannot be compared by this metric, in words; "" if they can."""
        if metric == PASSED:
            rules = [name for name in {**self.before, **self.after} if is_rule(name)]
            problems = {name: self._problem_of_grader(name) for name in rules}
            return next((f"it rests on {name}, {words}" for name, words in problems.items() if words), "")
        return self._problem_of_grader(metric)

    def _problem_of_grader(self, name: str) -> str:
        before, after = self.before.get(name), self.after.get(name)
        if before is None or after is None:
            return "graded on one side only"
        return "" if before == after and len(after) == 1 else "graded by different versions"


def sameness_of(before: Run, after: Run) -> Sameness:
    """Read from the words themselves: a run may have been graded again. One query."""
    found = Grading.objects.filter(result__run__in=[before, after], against=None).by_machines().order_by()
    sides: dict[int, dict[str, set[str]]] = {before.pk: {}, after.pk: {}}
    demo = set()
    for run, grader, version, is_demo in found.values_list("result__run_id", "grader", "version", "is_demo").distinct():
        sides[run].setdefault(grader, set()).add(version)
        if is_demo:
            demo.add(grader)
    old, new = ({name: frozenset(versions) for name, versions in sides[run.pk].items()} for run in (before, after))
    return Sameness(old, new, frozenset(demo))


def is_rule(name: str) -> bool:
    """Whether a grader counts for `passed`. One that is no longer on the shelf may have."""
    return name not in GRADERS or GRADERS[name].kind == "rule"


def is_measure(name: str) -> bool:
    """Whether a grader holds a number against a limit, such as milliseconds."""
    return name in GRADERS and GRADERS[name].kind == "measure"
