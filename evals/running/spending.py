"""The money of a run: what it has spent, and whether one more answer may begin."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from evals.models import Grading, Result, Run


@dataclass(frozen=True)
class Spent:
    """What a run has spent so far, in microdollars, by what is known of prices; older grades are paid for too."""

    answers: int
    on_answers: int
    judged: int
    on_grades: int

    @property
    def microdollars(self) -> int:
        return self.on_answers + self.on_grades

    @property
    def each_answer(self) -> float | None:
        """Mean of an answer; None before the first one."""
        return self.on_answers / self.answers if self.answers else None

    @property
    def each_grading(self) -> float | None:
        """Mean of all that judges say of one answer; None before the first."""
        return self.on_grades / self.judged if self.judged else None


def spent_by(run: Run) -> Spent:
    """Two queries."""
    answers = Result.objects.filter(run=run).aggregate(count=Count("pk"), cost=Sum("cost_microdollars"))
    paid = Q(cost_microdollars__isnull=False)
    grades = Grading.objects.filter(paid, result__run=run, is_human=False)
    judged = grades.aggregate(count=Count("result", distinct=True), cost=Sum("cost_microdollars"))
    return Spent(answers["count"], answers["cost"] or 0, judged["count"], judged["cost"] or 0)


class Purse:
    """Lets an answer begin only where its expected cost, and that of all under way, stays within the budget.

    What an answer is expected to cost is the mean of those so far, and before the first one `guess` (microdollars).
    """

    def __init__(self, budget: int | None, spent: Spent, *, guess: float) -> None:
        self.budget = budget
        self.spent = float(spent.microdollars)
        self.count = spent.answers
        self.guess = guess
        self.under_way = 0
        self._changed = asyncio.Condition()

    @property
    def expected(self) -> float:
        return self.spent / self.count if self.count and self.spent else self.guess

    def allows_one_more(self) -> bool:
        return self.budget is None or self.spent + (self.under_way + 1) * self.expected <= self.budget

    async def reserve(self) -> bool:
        """Wait until it is clear whether one more fits: those under way may take less than was expected. False: no."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.allows_one_more() or not self.under_way)
            if not self.allows_one_more():
                return False
            self.under_way += 1
            return True

    async def settle(self, microdollars: int | None, *, is_answer: bool) -> None:
        """One that was under way is over. An unknown cost counts as the expected one."""
        async with self._changed:
            self.spent += self.expected if microdollars is None and self.budget is not None else microdollars or 0
            self.count += is_answer
            self.under_way -= 1
            self._changed.notify_all()
