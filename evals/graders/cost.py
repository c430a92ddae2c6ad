"""The answer costs no more than it may."""

from __future__ import annotations

from django.conf import settings

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader


@grader(kind="measure")
async def cost(_: Case, answer: Answer) -> Grade:
    """1 when all calls for it together stay within EVALS_ANSWER_CENTS."""
    if answer.dollars is None:
        return Grade.abstained("the price is not known")
    cents = answer.dollars * 100
    most = settings.EVALS_ANSWER_CENTS
    return Grade.passed_if(cents <= most, f"{cents:.2f} cents, at most {most:g}")
