"""The answer speaks as a lender's support should: plain, calm, friendly."""

from __future__ import annotations

from typing import Literal, get_args

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.reading.judge import Verdict, ask_judge, checked, given, given_conversation

Label = Literal["fitting", "stiff", "too casual", "pushy", "rude"]
SCORES: dict[Label, float] = {"fitting": 1.0, "stiff": 0.6, "too casual": 0.5, "pushy": 0.2, "rude": 0.0}


class Heard(Verdict):
    """How the answer sounds."""

    label: Label


@grader(
    kind="judge",
    labels=get_args(Label),
    rubrics=("tone",),
    scores=tuple(SCORES[label] for label in get_args(Label)),
)
async def tone(case: Case, answer: Answer) -> Grade:
    """A judge says how the answer sounds to this customer; what each label is worth is policy and stands in SCORES."""
    if not answer.text.strip():
        return Grade.abstained("the answer is empty: it has no tone")
    heard = await ask_judge("tone", (given_conversation(case), given("answer", answer.text)), Heard)
    evidence = checked(heard.evidence, case, answer)
    return Grade.scored(SCORES[heard.label], heard.reasoning, label=heard.label, evidence=evidence)
