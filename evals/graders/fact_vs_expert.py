"""The facts of the answer are those of the expert's answer: no fewer that matter, and none that conflict."""

from __future__ import annotations

from typing import Literal, get_args

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.reading.judge import Verdict, ask_judge, checked, given, given_conversation

Label = Literal["same", "immaterial", "superset", "subset", "conflict"]
SCORES: dict[Label, float] = {"same": 1.0, "immaterial": 1.0, "superset": 0.8, "subset": 0.5, "conflict": 0.0}
PASSES_FROM = 0.8


class Comparison(Verdict):
    """How the facts of the answer lie to the expert's."""

    label: Label


@grader(
    kind="judge",
    title="Facts against the expert",
    labels=get_args(Label),
    rubrics=("fact_vs_expert",),
    scores=tuple(SCORES[label] for label in get_args(Label)),
    passes_from=PASSES_FROM,
)
async def fact_vs_expert(case: Case, answer: Answer) -> Grade:
    """A judge compares the facts with those of the expert's answer.

    What each label is worth is policy and stands in SCORES; a conflict is a hard failure. An empty answer is a subset
    that has nothing: 0, and nobody is asked.
    """
    if not case.expert_answer:
        return Grade.abstained("no expert has answered this question")
    if not answer.text.strip():
        return Grade.scored(0.0, "the answer is empty", label="subset")
    data = (
        given_conversation(case),
        given("expert_answer", case.expert_answer),
        given("answer", answer.text),
    )
    verdict = await ask_judge("fact_vs_expert", data, Comparison)
    score = SCORES[verdict.label]
    return Grade.scored(
        score,
        verdict.reasoning,
        label=verdict.label,
        passed=score >= PASSES_FROM,
        is_hard_failure=verdict.label == "conflict",
        evidence=checked(verdict.evidence, case, answer),
    )
