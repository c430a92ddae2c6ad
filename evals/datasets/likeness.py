"""Questions that ask the same in nearly the same words, told by their words alone: no model is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from chat.leaning import telling_words
from evals.models import CaseRevision

ALIKE = 0.75  # of the words of two questions
COMPARED = 2_000  # cases of a set, the latest
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def are_alike(question: str, other: str) -> bool:
    """Whether two questions have three quarters of their telling words in common, and the same figures."""
    if _plain(question) == _plain(other):
        return True
    words, others = _words(question), _words(other)
    if set(NUMBER.findall(question)) != set(NUMBER.findall(other)) or not words:
        return False
    return len(words & others) >= ALIKE * len(words | others)


def like(question: str, among: Iterable[str]) -> str | None:
    """The first of these that asks nearly the same."""
    return next((other for other in among if are_alike(question, other)), None)


def cases_like(question: str, rows: Sequence[CaseRevision]) -> list[CaseRevision]:
    """The cases whose last question is nearly the same."""
    return [row for row in rows[:COMPARED] if are_alike(question, str(row.content.get("question", "")))]


def _plain(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold()))


@lru_cache(maxsize=4 * COMPARED)
def _words(question: str) -> frozenset[str]:
    return telling_words(question)
