"""The answer comes in time."""

from __future__ import annotations

from django.conf import settings

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader


@grader(kind="measure")
async def latency(_: Case, answer: Answer) -> Grade:
    """1 when the first word and the whole answer are there within EVALS_FIRST_WORD_SECONDS and EVALS_ANSWER_SECONDS."""
    if not answer.whole_after:
        return Grade.abstained("its time was not taken")
    limits = (
        ("first word", answer.first_word_after, settings.EVALS_FIRST_WORD_SECONDS),
        ("whole answer", answer.whole_after, settings.EVALS_ANSWER_SECONDS),
    )
    late = [f"{what} after {took:.1f} s, at most {most:g} s" for what, took, most in limits if took > most]
    return Grade.passed_if(not late, "; ".join(late))
