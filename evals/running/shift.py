"""One worker's stretch of work at a run: many hands, one lease, and an eye on what people want of the run meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

from django.conf import settings
from django.db import transaction

from chat.assistant import Version
from evals.grading import Grader
from evals.models import Result, Run
from evals.running.asking import ask
from evals.running.failing import Failing
from evals.running.grades import ToGrade, store, to_grade
from evals.running.lease import Lease
from evals.running.marking import Marked, mark
from evals.running.pace import Pace
from evals.running.results import answered, turn_of, unanswered
from evals.running.spending import Purse
from evals.running.todo import Question, Todo
from llm.database import in_database

BEAT = 1.0  # seconds: so often the lease is renewed, and so soon a pause takes effect


class Shift:
    """At most EVALS_CONCURRENCY answers and judgements are in flight at a time. `is_closing` says that nothing more
    begins; what is in flight then ends and is kept."""

    def __init__(
        self,
        lease: Lease,
        run: Run,
        version: Version | None,
        todo: Todo,
        purse: Purse,
        on_result: Callable[[Result], object] | None = None,
    ) -> None:
        self.lease, self.run, self.version, self.purse = lease, run, version, purse
        self.on_result = on_result
        self.queue: deque[ToGrade | Question] = deque([*todo.gradings, *todo.questions])
        self.places = asyncio.Semaphore(settings.EVALS_CONCURRENCY)
        self.pace = Pace()
        self.failing = Failing()
        self.is_closing = False
        self.is_over_budget = False
        self.is_interrupted = False

    async def work(self, seconds: float) -> None:
        """Until nothing is left, the time is up, or people want otherwise. Raises `LostLease`."""
        hands = [asyncio.create_task(self._hand()) for _ in range(settings.EVALS_CONCURRENCY)]
        watch = asyncio.create_task(self._watch(time.monotonic() + seconds))
        try:
            await _all_of(hands, beside=watch)
        except asyncio.CancelledError:
            self.is_closing = self.is_interrupted = True
            await _all_of(hands, beside=watch)
            raise
        finally:
            for task in (*hands, watch):
                task.cancel()
            await asyncio.wait({*hands, watch})
            await self.pace.close()

    async def _watch(self, until: float) -> None:
        while True:
            state = await in_database(self.lease.renew)
            if state != Run.State.RUNNING or time.monotonic() > until:
                self.is_closing = True
            await asyncio.sleep(BEAT)

    async def _hand(self) -> None:
        while self.queue and not self.is_closing:
            job = self.queue.popleft()
            if isinstance(job, Question):
                await self._paid(partial(self._answer, job), is_answer=True)
            elif any(grader.kind == "judge" for grader in job.graders):
                await self._paid(partial(self._grade, job), is_answer=False)
            else:
                await self._grade(job)

    async def _paid(self, work: Callable[[], Awaitable[int | None]], *, is_answer: bool) -> None:
        """Do it if the budget allows, and count what it cost."""
        if not await self.purse.reserve():
            self.is_over_budget = self.is_closing = True
            return
        cost: int | None = 0
        try:
            cost = await work()
        finally:
            await self.purse.settle(cost, is_answer=is_answer)

    async def _answer(self, question: Question) -> int | None:
        """Ask, store, have graded. Microdollars; None when no price is known."""
        result = await self._ask(question)
        if result is None or result.error:
            return result.cost_microdollars if result else 0
        on_grades = await self._grade(await in_database(to_grade, self.run, result, question.row.case))
        if self.on_result:
            self.on_result(result)
        cost = result.cost_microdollars
        return None if cost is None else cost + (on_grades or 0)

    async def _ask(self, question: Question) -> Result | None:
        """The answer, stored, or the error that came instead of one. None when there is no time left to begin."""
        assert self.version  # noqa: S101 (for the types: without a version nothing is to be asked)
        case, turn = question.row.case, turn_of(self.run, question)
        async with self.places:
            await self.pace.wait()
            if self.is_closing:
                return None
            began = time.monotonic()
            try:
                asked = await ask(case, self.version, variant=question.repetition, turn_id=turn)
            except Exception as error:
                ms = round((time.monotonic() - began) * 1000)
                result = await in_database(unanswered, self.run, question, error, ms=ms)
                await self._keep(self.failing.note(result, error))
                self.is_closing = self.is_closing or bool(self.failing.problem)
                return result
        result = answered(self.run, question, asked)
        await self._keep([*self.failing.answered(), result])
        return result

    async def _keep(self, results: list[Result]) -> None:
        if results:
            await in_database(keep, self.lease, results)
            for result in results:
                if result.error and self.on_result:
                    self.on_result(result)

    async def _grade(self, of: ToGrade) -> int | None:
        """Rules and measures at once, judges as there is a place for them. Microdollars; None where none is known."""
        code = [grader for grader in of.graders if grader.kind != "judge"]
        marked = await asyncio.gather(*(self._mark(grader, of) for grader in code))
        if marked:
            await in_database(store, self.lease, of, marked)
        judges = [grader for grader in of.graders if grader.kind == "judge"]
        costs = await asyncio.gather(*(self._judge(grader, of) for grader in judges))
        return sum(cost or 0 for cost in costs) if any(cost is not None for cost in costs) else None

    async def _judge(self, grader: Grader, of: ToGrade) -> int | None:
        async with self.places:
            await self.pace.wait()
            if self.is_closing:
                return 0
            marked = await self._mark(grader, of)
        await in_database(store, self.lease, of, [marked])
        return marked.cost_microdollars

    async def _mark(self, grader: Grader, of: ToGrade) -> Marked:
        baseline = of.against.reading if of.against else None
        label = self.version.label if self.version else self.run.label
        return await mark(grader, of.case, of.result.reading, baseline=baseline, label=label)


@transaction.atomic
def keep(lease: Lease, results: list[Result]) -> None:
    """Store answers. Raises `LostLease` when another worker has the run by now."""
    lease.confirm()
    Result.objects.bulk_create(results)


async def _all_of(hands: list[asyncio.Task[None]], *, beside: asyncio.Task[None]) -> None:
    """Wait until all hands are done. What one of them raises, or the task beside them, is raised at once."""
    left = set(hands)
    while left:
        done, _ = await asyncio.wait({*left, beside}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        left -= done
