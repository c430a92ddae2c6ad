"""The answer rests on the document it should rest on."""

from __future__ import annotations

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader


@grader(kind="rule")
async def cites_source(case: Case, answer: Answer) -> Grade:
    """1 when one of the expected documents is cited."""
    if not case.expected_sources:
        return Grade.abstained("the case expects no source")
    is_cited = not set(case.expected_sources).isdisjoint(answer.cited)
    return Grade.passed_if(is_cited, otherwise=_what_instead(case, answer))


def _what_instead(case: Case, answer: Answer) -> str:
    cited = ", ".join(answer.cited) or "nothing"
    if set(case.expected_sources).isdisjoint(answer.found):
        return f"cites {cited}; the search did not find {' or '.join(case.expected_sources)}"
    return f"cites {cited} instead of {' or '.join(case.expected_sources)}"
