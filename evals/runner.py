"""Asks the assistant every golden question, by the same pipeline that answers customers, and grades the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from chat.assistant import Version
from chat.versions.states import live_version
from evals.answers import Answer
from evals.cases import Case
from evals.graders import GRADERS
from evals.grading import Grade, Grader, Outcome
from evals.running.asking import ask
from evals.running.marking import mark
from llm.database import in_database
from llm.errors import LLMError


@dataclass(frozen=True)
class CaseResult:
    """A case with its answer and grades, or with the `error` that left it without."""

    case: Case
    answer: Answer | None = None
    grades: Mapping[str, Grade] = field(default_factory=dict)
    error: str = ""

    @property
    def was_judged(self) -> bool:
        """False when the assistant or a grader broke: such a case neither passes nor fails."""
        outcomes = {grade.outcome for grade in self.grades.values()}
        return Outcome.SCORED in outcomes and Outcome.FAILED not in outcomes

    @property
    def passed(self) -> bool:
        return self.was_judged and not self.reasons

    @property
    def reasons(self) -> list[str]:
        """Why it did not pass, in words."""
        low = [f"{name}: {grade.reason}" for name, grade in self.grades.items() if grade.is_trouble]
        return [self.error, *low] if self.error else low


async def run(
    cases: Iterable[Case],
    *,
    version: Version | None = None,
    graders: Mapping[str, Grader] = GRADERS,
    concurrency: int | None = None,
    on_result: Callable[[CaseResult], object] | None = None,
) -> list[CaseResult]:
    """Results in the order of the cases, all answered by one version, the live one when none is given.

    `on_result` hears of each as it comes. At most `concurrency` questions are under way at a time (EVALS_CONCURRENCY
    when it is left out).
    """
    answering = await in_database(live_version) if version is None else version
    places = asyncio.Semaphore(concurrency or settings.EVALS_CONCURRENCY)

    async def take(case: Case) -> CaseResult:
        async with places:
            result = await run_case(case, answering, graders)
        if on_result:
            on_result(result)
        return result

    return list(await asyncio.gather(*(take(case) for case in cases)))


async def run_case(case: Case, version: Version, graders: Mapping[str, Grader] = GRADERS) -> CaseResult:
    """Ask one question as the case's audience and grade the answer. A model that fails is the result's error."""
    try:
        reply = (await ask(case, version)).answer
    except LLMError as error:
        return CaseResult(case, error=f"no answer: {error.code}")
    assert reply  # noqa: S101 (for the types)
    grades = {name: (await mark(grader, case, reply)).grade for name, grader in graders.items()}
    return CaseResult(case, reply, grades)
