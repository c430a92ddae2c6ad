"""Asks the assistant every golden question, by the same pipeline that answers customers, and grades the answers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from django.conf import settings

import llm
from chat.assistant import Version
from chat.context import Turn
from chat.events import AnswerDelta, Answered, Refused, SourcesFound
from chat.pipeline import answer
from chat.versions.states import live_version
from evals.golden import Case
from evals.graders import GRADERS
from evals.grading import Answer, Grade, Grader, Outcome
from knowledge.access import Audience, Viewer
from knowledge.models import Document
from knowledge.search import Passage
from llm.database import in_database
from llm.errors import LLMError

log = logging.getLogger(__name__)

VIEWERS = {
    Audience.PUBLIC: Viewer(),
    Audience.CUSTOMERS: Viewer(audiences=frozenset({Audience.PUBLIC, Audience.CUSTOMERS})),
    Audience.STAFF: Viewer(audiences=frozenset(Audience), is_staff=True),
}


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
        reply = await ask(case, version)
    except LLMError as error:
        return CaseResult(case, error=f"no answer: {error.code}")
    grades = {name: await grade(name, grader, case, reply) for name, grader in graders.items()}
    return CaseResult(case, reply, grades)


async def ask(case: Case, version: Version) -> Answer:
    """The pipeline's answer to the case's question. No conversation is stored. Raises LLMError."""
    turn = Turn(case.question, VIEWERS[case.audience], version)
    with llm.on_behalf_of(version.label):
        return await _ask(turn)


async def _ask(turn: Turn) -> Answer:
    began = time.monotonic()
    first_word_after = 0.0
    search, reply = SourcesFound(()), Answered("", "", "", ())
    async with aclosing(answer(turn, purpose="eval")) as events:
        async for event in events:
            match event:
                case SourcesFound():
                    search = event
                case AnswerDelta():
                    first_word_after = first_word_after or time.monotonic() - began
                case Refused(say):
                    reply = Answered(say, "guardrail", "", ())
                case Answered():
                    reply = event
    return Answer(
        reply.text,
        cited=await file_names(reply.sources),
        found=await file_names(search.passages),
        finish_reason=reply.finish_reason,
        model=reply.model,
        limited=search.limited,
        first_word_after=first_word_after,
        whole_after=time.monotonic() - began,
    )


async def file_names(passages: tuple[Passage, ...]) -> tuple[str, ...]:
    """The files that the passages come from, each once, in the passages' order."""
    ids = [passage.document_id for passage in passages]
    names = await in_database(lambda: dict(Document.objects.filter(id__in=ids).values_list("id", "name")))
    return tuple(dict.fromkeys(names[document_id] for document_id in ids if document_id in names))


async def grade(name: str, grader: Grader, case: Case, reply: Answer) -> Grade:
    """The grader's word; if it breaks, a failed grade that says why."""
    try:
        return await grader(case, reply)
    except Exception as error:
        log.exception("grader %s broke on case %s", name, case.id)
        return Grade.failed(f"{type(error).__name__}: {error}")
