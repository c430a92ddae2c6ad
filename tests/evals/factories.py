"""Rows for tests of the evals that do not want a whole run: sets, runs, answers, and what was said of them.

run = run_of(dataset(case("late-fee"), case("escrow")), {"late-fee": True, "escrow": False})
grading(run.results.get(case__key="escrow"), "tone", points=2)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from app.models import User
from chat.models import AssistantVersion
from chat.versions.states import live_version
from evals.answers import Answer, Source
from evals.cases import Case
from evals.datasets.sets import freeze, keep
from evals.models import CaseRevision, Dataset, Grading, Result, Run

TEXT = "A late fee of $35 is charged after the 15th. [1]"
PASSAGE = "A late fee of $35 is charged when a payment arrives after the 15th of the month."


def case(id: str = "late-fee", **more: Any) -> Case:
    """A case that expects an answer; what differs is named."""
    content = {"question": f"What about {id}?", "expert_answer": f"This is how it is with {id}.", **more}
    return Case.model_validate({"id": id, **content})


def dataset(*cases: Case, slug: str = "support", frozen: bool = True, **more: Any) -> Dataset:
    """A set of these cases, or of one; with its first version unless `frozen` says otherwise."""
    made, _ = Dataset.objects.get_or_create(slug=slug, defaults={"title": slug.capitalize(), **more})
    for one in cases or (case(),):
        keep(made, one)
    if frozen:
        freeze(made)
    return made


def answer(text: str = TEXT, **more: Any) -> Answer:
    """An answer with one passage, which it cites."""
    source = Source("late-fees.md", "Late fees", PASSAGE, number=1, place="Fees", chunk=1, document="d", version=1)
    given: dict[str, Any] = {
        "cited": ("late-fees.md",),
        "found": ("late-fees.md",),
        "passages": (source,),
        "model": "demo-strong",
        "alias": "strong",
        "finish_reason": "stop",
        "whole_after": 1.2,
        "prompt_tokens": 900,
        "completion_tokens": 60,
    }
    return Answer(text, **(given | more))


def run_of(
    dataset: Dataset, passed: Mapping[str, bool | Sequence[bool | None] | None] | None = None, **more: Any
) -> Run:
    """A run of the set's latest version that has ended, with an answer to each of its cases.

    `passed` says by a case's id how the rules found its answer (True where it is not named), or how they found each
    of its repetitions. More are columns of the run.
    """
    version = dataset.versions.order_by("-number")[0]
    outcomes = {row: _each(passed, row.key) for row in version.cases.order_by("key")}
    repetitions = max(len(outcome) for outcome in outcomes.values())
    columns: dict[str, Any] = {
        "assistant_version": AssistantVersion.objects.get(number=live_version().number),
        "state": Run.State.DONE,
        "repetitions": repetitions,
        "expected": repetitions * len(outcomes),
        "started_at": timezone.now(),
        "ended_at": timezone.now(),
        "graders": {"must_include": {"version": "0123456789ab", "model": ""}},
    }
    run = Run.objects.create(dataset_version=version, **(columns | more))
    for row, outcome in outcomes.items():
        for repetition, is_good in enumerate(outcome, start=1):
            result(run, row, repetition=repetition, passed=is_good)
    return run


def result(run: Run, row: CaseRevision | None = None, *, text: str = TEXT, **more: Any) -> Result:
    """An answer of the run to a case, or with `reply=` and no case to a real turn. More are columns of the result.

    Where `passed` says something there is a grade of the rule `must_include` that says the same.
    """
    given = more.pop("answer", None) or answer(text)
    columns: dict[str, Any] = {
        "question": row.case.question if row else "How late may I pay?",
        "text": given.text,
        "answer": given.as_json(),
        "served_by": given.served_by,
        "model": given.model,
        "ms": round(given.whole_after * 1000),
        "first_word_ms": round(given.first_word_after * 1000),
        "prompt_tokens": given.prompt_tokens,
        "completion_tokens": given.completion_tokens,
        "cost_microdollars": 1_200,
        "passed": True,
    }
    made = Result.objects.create(run=run, case=row, **(columns | more))
    if made.passed is not None:
        grading(made, "must_include", score=float(made.passed), reason="" if made.passed else "lacks “$35”")
    return made


def grading(result: Result, grader: str = "must_include", *, by: User | None = None, **more: Any) -> Grading:
    """What a grader, or with `by` a person, says of an answer: scored from `points` or `score`, else as `outcome` says.

    It is the current word; the one before is kept, as a second grading does.
    """
    points = more.get("points")
    score = more.pop("score", None if points is None else (points - 1) / 4)
    outcome = more.pop("outcome", "scored")
    if outcome == "scored" and score is None:
        score = 1.0
    columns: dict[str, Any] = {
        "outcome": outcome,
        "score": score,
        "passed": None if score is None else score >= 1,
        "version": "" if by else "0123456789ab",
        "person": by,
        "is_human": by is not None,
    }
    same = Grading.objects.filter(result=result, grader=grader, is_current=True, is_human=by is not None)
    same.filter(person=by, against=more.get("against")).update(is_current=False)
    return Grading.objects.create(result=result, grader=grader, **(columns | more))


def _each(passed: Mapping[str, bool | Sequence[bool | None] | None] | None, key: str) -> Sequence[bool | None]:
    outcome = (passed or {}).get(key, True)
    return outcome if isinstance(outcome, Sequence) else (outcome,)
