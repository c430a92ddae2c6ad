"""What the page of the written questions shows of a question, and of an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from evals.answers import Source
from evals.distillation import ordering
from evals.distillation.writing import DROPPED
from evals.graders import GRADERS
from evals.models import QuestionOrder, TrainingQuestion


@dataclass(frozen=True)
class Word:
    """What a grader said of an answer, as it was kept."""

    title: str
    said: dict[str, Any]

    @property
    def in_words(self) -> str:
        """Points, or whether it passed."""
        if self.said.get("outcome") != "scored":
            return "could not be graded" if self.said.get("outcome") == "failed" else "nothing to say"
        if points := self.said.get("points"):
            return f"{points} of 5"
        return "passed" if self.said.get("passed") else "not passed"


@dataclass(frozen=True)
class Shown:
    """The question that is being settled, with its answer as the chat renders it."""

    row: TrainingQuestion
    blocks: tuple[SafeString, ...]
    words: list[Word]
    left: int
    before: int | None
    after: int | None

    @property
    def cited(self) -> list[Source]:
        """The passages that the answer cites, by their numbers."""
        return [one for one in self.row.reading.passages if one.number]

    @property
    def uncited(self) -> list[Source]:
        return [one for one in self.row.reading.passages if not one.number]


@dataclass(frozen=True)
class ShownOrder:
    """An order in the list. Money is in dollars."""

    order: QuestionOrder
    answered: int
    reasons: list[str]
    dollars: float
    budget: float | None


def words_on(row: TrainingQuestion) -> list[Word]:
    """What graders said, in the order in which they were asked."""
    return [Word(GRADERS[name].title if name in GRADERS else name, said) for name, said in row.grades.items()]


def shown_order(order: QuestionOrder) -> ShownOrder:
    """One query."""
    answered = order.questions.exclude(answer={}).count()
    budget = order.budget_microdollars
    spent = order.spent_microdollars / 1_000_000
    return ShownOrder(order, answered, _reasons(order), spent, None if budget is None else budget / 1_000_000)


def _reasons(order: QuestionOrder) -> list[str]:
    """Why questions were not kept, in words."""
    known = DROPPED | ordering.LEFT_OUT
    return [f"{count}: {known[why]}" for why, count in order.dropped.items() if why in known]
