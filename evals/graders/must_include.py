"""The facts of a good answer are in it, and those that would be wrong are not."""

from __future__ import annotations

import re
import unicodedata

from evals.answers import Answer
from evals.cases import Case
from evals.grading import Grade, grader


@grader(kind="rule")
async def must_include(case: Case, answer: Answer) -> Grade:
    """1 when every fact is there in one of its wordings and nothing forbidden is."""
    if not (case.must_include or case.must_not_include):
        return Grade.abstained("the case names no facts")
    missing = [" / ".join(fact) for fact in case.must_include if not _holds_any(answer.text, fact)]
    wrong = [fact for fact in case.must_not_include if _holds(answer.text, fact)]
    reasons = [f"lacks “{fact}”" for fact in missing] + [f"must not say “{fact}”" for fact in wrong]
    return Grade.passed_if(not reasons, "; ".join(reasons))


def _holds_any(text: str, wordings: tuple[str, ...]) -> bool:
    return any(_holds(text, wording) for wording in wordings)


def _holds(text: str, fact: str) -> bool:
    """Whether the fact stands in the text by itself: "$35" is in "$35.00", not in "$350", nor "5 days" in "15 days"."""
    words = re.escape(_plain(fact)).replace(r"\ ", r"\s+")
    before = r"(?<![0-9a-z])(?<!\d[.,])" if re.match(r"[0-9A-Za-z]", fact) else ""
    after = r"(?![0-9a-z]|[.,](?!00(?!\d))\d)" if re.search(r"[0-9A-Za-z]$", fact) else ""
    return re.search(before + words + after, _plain(text)) is not None


def _plain(text: str) -> str:
    """Without the differences that nobody would call another fact: case, width, Markdown's marks, apostrophes."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("**", "")
