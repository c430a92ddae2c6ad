"""A run as a file: each answer with all that graders and people say of it now. Rows come in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from evals.models import Grading, Result, Run

A_BATCH = 200
WORDS = ("outcome", "score", "word", "passed", "reason")  # the columns of each grader
COLUMNS = (
    "run", "result", "case", "revision", "repetition", "question", "answer", "expert_answer", "error", "passed",
    "hard_failure", "served_by", "model", "ms", "first_word_ms", "prompt_tokens", "completion_tokens", "dollars",
    "weight", "cited",
)  # fmt: skip


def batches(run: Run) -> Iterator[list[dict[str, Any]]]:
    """The answers of a run as plain data, in their order."""
    last = 0
    while results := list(_after(run, last)):
        said: dict[int, list[Grading]] = defaultdict(list)
        current = Grading.objects.filter(result__in=results, is_current=True).select_related("person", "against")
        for grading in current.order_by("id"):
            said[grading.result_id].append(grading)
        yield [_answer(result) | {"grades": [_grade(one) for one in said[result.pk]]} for result in results]
        last = results[-1].pk


def columns_of(run: Run) -> list[str]:
    """The columns of the run's table: the answer's own, those of each grader, and what people say."""
    said = Grading.objects.filter(result__run=run, against=None).by_machines().order_by("grader")
    graders = list(said.values_list("grader", flat=True).distinct())
    return [*COLUMNS, *(f"{grader} {word}" for grader in graders for word in WORDS), "people"]


def row_of(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of `batches` as a row of that table."""
    row = {name: answer[name] for name in COLUMNS} | {"cited": ", ".join(answer["cited"])}
    for grade in answer["grades"]:
        if grade["person"] is None and grade["against"] is None:
            row |= {f"{grade['grader']} {word}": grade[word] for word in WORDS}
    people = [grade for grade in answer["grades"] if grade["person"] is not None]
    words = (f"{one['person']}: {one['grader']} = {one['word'] or one['outcome']} {one['reason']}" for one in people)
    return row | {"people": "\n".join(word.strip() for word in words)}


def _after(run: Run, last: int) -> QuerySet[Result]:
    rows = Result.objects.filter(run=run, pk__gt=last).select_related("case").defer("receipt")
    return rows.order_by("pk")[:A_BATCH]


def _answer(result: Result) -> dict[str, Any]:
    case, read = result.case, result.reading
    cost = result.cost_microdollars
    return {
        "run": result.run_id,
        "result": result.pk,
        "case": case.key if case else "",
        "revision": case.revision if case else None,
        "repetition": result.repetition,
        "question": result.question,
        "answer": result.text,
        "expert_answer": case.case.expert_answer if case else "",
        "error": result.error,
        "passed": result.passed,
        "hard_failure": result.is_hard_failure,
        "served_by": result.served_by,
        "model": result.model,
        "ms": result.ms,
        "first_word_ms": result.first_word_ms,
        "prompt_tokens": result.prompt_tokens,
        "completion_tokens": result.completion_tokens,
        "dollars": None if cost is None else cost / 1_000_000,
        "weight": result.weight,
        "cited": list(read.cited),
        "passages": [{"number": one.number, "name": one.name, "text": one.text} for one in read.passages],
    }


def _grade(grading: Grading) -> dict[str, Any]:
    who = grading.person.get_username() if grading.person else grading.rater or "somebody who has left"
    return {
        "grader": grading.grader,
        "version": grading.version,
        "model": grading.model,
        "person": who if grading.is_human else None,
        "against": grading.against_id,
        "outcome": grading.outcome,
        "word": grading.label or ("" if grading.points is None else str(grading.points)),
        "score": grading.score,
        "passed": grading.passed,
        "hard_failure": grading.is_hard_failure,
        "demo": grading.is_demo,
        "reason": grading.reason,
        "evidence": grading.evidence,
    }
