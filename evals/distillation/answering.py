"""The strong model's answer to a question that was written: through the pipeline, as a customer gets it, and graded.

`decided` says what becomes of a question with its answer and grades: dropped where it teaches nothing or harm, approved
where judges that may gate are content, else proposed to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.assistant import Version
from evals.answers import Answer
from evals.cases import Case
from evals.distillation.writing import PURPOSE
from evals.graders import GRADERS
from evals.grading import Outcome
from evals.judging.licences import licence_of
from evals.models import TrainingQuestion
from evals.reading.behaviour import behaviour_of
from evals.reading.turns import turn_of
from evals.running.asking import ask
from evals.running.marking import Marked, mark
from llm.cleaning import clean_json
from llm.database import in_database

State = TrainingQuestion.State
RULES = ("citations", "figures", "format", "off_rails")  # they need no expectation
JUDGES = ("faithfulness", "relevance")
WHERE_IT_MAY_GATE = "correctness"  # it is asked only where its word counts
TEACHER = "strong"
UNANSWERED = {
    "unknown": "the assistant says that it does not know",
    "clarify": "the assistant asks back",
    "refuse": "the assistant refuses",
    "hand_over": "the assistant hands over to a person",
}


@dataclass(frozen=True)
class Judged:
    """An answer with what was said of it, what it cost, and what is to become of the question."""

    answer: Answer
    grades: dict[str, dict[str, Any]]
    microdollars: int | None
    state: str
    why: str


def of_the_teacher(version: Version) -> Version:
    """The version as it is, but every question goes to its strong model. Its label stays."""
    assistant = version.assistant
    choice = assistant.model_choice.model_copy(update={"easy": TEACHER})
    answer = assistant.answer.model_copy(update={"alias": TEACHER})
    return version._replace(assistant=assistant.model_copy(update={"model_choice": choice, "answer": answer}))


async def answered(question: TrainingQuestion, version: Version) -> Judged:
    """Ask the teacher, and have it graded. Raises an `LLMError` where the model does not answer."""
    case = case_of(question)
    asked = await ask(case, of_the_teacher(version), purpose=PURPOSE)
    answer = asked.answer
    assert answer  # noqa: S101 (it is there where nothing was raised)
    heard = behaviour_of(await turn_of(case, answer), answer)
    behaviour = heard.behaviour if heard else "unknown"
    if unfit := why_unfit(answer, behaviour):
        return Judged(answer, {}, _microdollars(answer, ()), State.DROPPED, unfit)
    may_gate = await in_database(_may_gate)
    names = [*RULES, *JUDGES, *([WHERE_IT_MAY_GATE] if WHERE_IT_MAY_GATE in may_gate else [])]
    marks = [await mark(GRADERS[name], case, answer, label=version.label) for name in names if name in GRADERS]
    grades = {one.grader.name: _kept(one, may_gate) for one in marks}
    state, why = decided(grades)
    return Judged(answer, grades, _microdollars(answer, marks), state, why)


def case_of(question: TrainingQuestion) -> Case:
    """What graders are told of a question. Nothing is expected but what its writer found in the passages."""
    return Case.model_validate(
        {
            "id": f"question-{question.pk}",
            "question": question.question,
            "language": question.language or "en",
            "audience": question.audience,
            "expert_answer": question.expert,
            "tags": ["synthetic"],
        }
    )


def why_unfit(answer: Answer, behaviour: str) -> str:
    """Why nothing can be learned from an answer, whatever its grades; "" where something can."""
    if answer.stopped_by or behaviour in UNANSWERED:
        return UNANSWERED.get(behaviour, "a guardrail stopped it")
    if answer.served_by != "model":
        return "no model wrote it"
    if answer.alias != TEACHER:
        return f"the {answer.alias or 'other'} model answered, and not the strong one"
    if answer.steered:
        return "a guardrail rewrote the question"
    if answer.lookups or answer.proposed:
        return "it rests on a tool, and not on documents"
    return "" if any(source.number for source in answer.passages) else "it cites nothing"


def decided(grades: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """The state of a question by the grades of its answer, and why in words for people."""
    if hard := [name for name, one in grades.items() if one["is_hard_failure"] and not one["is_demo"]]:
        return State.DROPPED, f"a hard failure: {_titles(hard)}"
    broke = [name for name, one in grades.items() if one["outcome"] == Outcome.FAILED]
    failed = [name for name, one in grades.items() if one["outcome"] == Outcome.SCORED and not one["passed"]]
    judges = {name: one for name, one in grades.items() if one["kind"] == "judge" and one["outcome"] == Outcome.SCORED}
    if failed:
        return State.PROPOSED, f"not passed: {_titles(failed)}"
    if broke:
        return State.PROPOSED, f"could not be graded: {_titles(broke)}"
    if not judges:
        return State.PROPOSED, "no judge has graded it"
    if bound := [name for name, one in judges.items() if not one["may_gate"]]:
        return State.PROPOSED, f"a person decides: {_titles(bound)} may not gate yet"
    return State.APPROVED, f"passed: {_titles(judges)}, which may gate"


def _may_gate() -> frozenset[str]:
    names = [name for name in (*JUDGES, WHERE_IT_MAY_GATE) if name in GRADERS]
    return frozenset(name for name in names if licence_of(name).may_gate)


def _kept(marked: Marked, may_gate: frozenset[str]) -> dict[str, Any]:
    grader, grade = marked.grader, marked.grade
    said: dict[str, Any] = clean_json(
        {
            "kind": grader.kind,
            "version": grader.version,
            "model": grader.model,
            "outcome": grade.outcome.value,
            "score": grade.score,
            "points": grade.points,
            "passed": grade.passed,
            "is_hard_failure": grade.is_hard_failure,
            "is_demo": grader.is_demo,
            "may_gate": grader.name in may_gate,
            "reason": grade.reason[:2_000],
        }
    )
    return said


def _microdollars(answer: Answer, marks: Sequence[Marked]) -> int | None:
    """None where no price is known of one of the models."""
    judged = [one.cost_microdollars for one in marks if one.grader.kind == "judge" and one.grade.outcome != "abstained"]
    if answer.dollars is None or None in judged:
        return None
    return round(answer.dollars * 1_000_000) + sum(cost or 0 for cost in judged)


def _titles(names: Mapping[str, object] | Sequence[str]) -> str:
    return ", ".join(GRADERS[name].title if name in GRADERS else name for name in names)
