"""From what came of a question to the row that keeps it."""

from __future__ import annotations

import uuid

import structlog

from evals.models import Result, Run
from evals.running.asking import Asked, spent_on
from evals.running.todo import Question
from llm.cleaning import clean, clean_json
from llm.errors import LLMError

log = structlog.get_logger()


def turn_of(run: Run, question: Question) -> uuid.UUID:
    """The name of an answer's calls in the ledger: the same at each attempt, so that none is lost from the count."""
    name = f"{run.pk} {run.created_at.isoformat()} {question.row.pk} {question.repetition}"
    return uuid.uuid5(uuid.NAMESPACE_OID, name)


def answered(run: Run, question: Question, asked: Asked) -> Result:
    """The row of an answer, not stored yet. Text from outside loses what the database cannot hold."""
    answer = asked.answer
    assert answer  # noqa: S101 (for the types: what fails raises)
    return Result(
        run=run,
        case=question.row,
        question=question.row.case.question,
        repetition=question.repetition,
        turn=asked.turn,
        text=clean(answer.text),
        answer=clean_json(answer.as_json()),
        receipt=clean_json(asked.receipt),
        served_by=answer.served_by[:40],
        model=clean(answer.model)[:200],
        first_word_ms=round(answer.first_word_after * 1000) if answer.first_word_after else None,
        ms=round(answer.whole_after * 1000),
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        cost_microdollars=None if answer.dollars is None else round(answer.dollars * 1_000_000),
    )


def unanswered(run: Run, question: Question, error: Exception, *, ms: int) -> Result:
    """The row of a question that got no answer, with the error's code and what it took by the ledger."""
    if not isinstance(error, LLMError):
        log.error("the assistant broke on a case", run=run.pk, case=question.row.key, exc_info=error)
    turn = turn_of(run, question)
    spent = spent_on([turn])
    return Result(
        run=run,
        case=question.row,
        question=question.row.case.question,
        repetition=question.repetition,
        turn=turn,
        error=error.code if isinstance(error, LLMError) else "unexpected",
        ms=ms,
        prompt_tokens=spent["prompt_tokens"],
        completion_tokens=spent["completion_tokens"],
        cost_microdollars=None if spent["dollars"] is None else round(spent["dollars"] * 1_000_000),
    )
