"""The assistant says that it does not know when it cannot know, and only then."""

from __future__ import annotations

import re

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader

DOES_NOT_KNOW = re.compile(r"(I don't know|I do not know|No lo sé|No sé|我不知道|我不清楚)", re.IGNORECASE)


@grader(kind="rule")
async def says_unknown(case: Case, answer: Answer) -> Grade:
    """1 when the answer begins with not knowing and cites nothing, if it should; else when it does neither."""
    does_not_know = DOES_NOT_KNOW.match(answer.text.strip().replace("’", "'")) is not None
    if case.expects == "answer":
        return Grade.passed_if(not does_not_know, "says that it does not know")
    if does_not_know and answer.cited:
        return Grade.scored(0.0, f"says that it does not know, but cites {', '.join(answer.cited)}")
    return Grade.passed_if(does_not_know, "answers what it cannot know")
