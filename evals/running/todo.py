"""What is left to do in a run, told from what is stored: answers that lack a grade, and cases that lack an answer."""

from __future__ import annotations

from dataclasses import dataclass

from evals.models import CaseRevision, Result, Run
from evals.running.grades import ToGrade, ungraded


@dataclass(frozen=True)
class Question:
    """A case that is to be asked, for the `repetition`th time."""

    row: CaseRevision
    repetition: int


@dataclass(frozen=True)
class Todo:
    gradings: list[ToGrade]
    questions: list[Question]

    def __bool__(self) -> bool:
        return bool(self.gradings or self.questions)


def todo_of(run: Run) -> Todo:
    """First the grades, then the questions: all cases once before the first is asked again."""
    return Todo(ungraded(run), unasked(run))


def unasked(run: Run) -> list[Question]:
    """Two queries. Nothing where answers came from a file, or where an ended run is only graded again."""
    only_grades = "then" in run.circumstances.get("again", {})
    if run.dataset_version is None or run.assistant_version_id is None or only_grades:
        return []
    asked = set(Result.objects.filter(run=run).values_list("case", "repetition"))
    rows = list(run.dataset_version.cases.order_by("key"))
    wanted = (Question(row, repetition) for repetition in range(1, run.repetitions + 1) for row in rows)
    return [question for question in wanted if (question.row.pk, question.repetition) not in asked]
