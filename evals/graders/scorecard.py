"""Three judges with points from 1 to 5: does the answer deal with the question, keep to its sources, and is it right?

Each is asked by itself with a rubric of its own, so that one impression does not colour the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader
from evals.reading.judge import Verdict, ask_judge, checked, given, given_conversation, given_sources, sources_of

MOST, PASSES_FROM = 5, 4


class Card(Verdict):
    points: Literal[1, 2, 3, 4, 5]


@grader(kind="judge", has_points=True, rubrics=("relevance",))
async def relevance(case: Case, answer: Answer) -> Grade:
    """A judge gives 1 to 5 points for how well the answer deals with what was asked."""
    if not answer.text.strip():
        return _graded(1, "the answer is empty")
    return await _ask("relevance", case, answer, (given_conversation(case), given("answer", answer.text)))


@grader(kind="judge", has_points=True, rubrics=("faithfulness",))
async def faithfulness(case: Case, answer: Answer) -> Grade:
    """A judge gives 1 to 5 points for how closely the answer keeps to its passages and look-ups."""
    if not sources_of(answer):
        return Grade.abstained("there were no passages and no look-ups to keep to")
    if not answer.text.strip():
        return Grade.abstained("the answer is empty: it states nothing")
    data = (given_sources(answer), given_conversation(case), given("answer", answer.text))
    return await _ask("faithfulness", case, answer, data)


@grader(kind="judge", has_points=True, rubrics=("correctness",))
async def correctness(case: Case, answer: Answer) -> Grade:
    """A judge gives 1 to 5 points for how right the answer is, measured by the expert's."""
    if not case.expert_answer:
        return Grade.abstained("no expert has answered this question")
    if not answer.text.strip():
        return _graded(1, "the answer is empty")
    data = (given_conversation(case), given("expert_answer", case.expert_answer), given("answer", answer.text))
    return await _ask("correctness", case, answer, data)


async def _ask(name: str, case: Case, answer: Answer, data: Sequence[str]) -> Grade:
    card = await ask_judge(name, data, Card)
    return _graded(card.points, card.reasoning, evidence=checked(card.evidence, case, answer))


def _graded(points: int, reason: str, **more: object) -> Grade:
    """1 point is a score of 0, 5 points are 1."""
    score = (points - 1) / (MOST - 1)
    return Grade.scored(score, reason, points=points, passed=points >= PASSES_FROM, **more)
