"""Whether an answer is in the language of its question, as far as that can be told."""

from __future__ import annotations

import re

from chat.citations import MARK
from evals.answers import Answer
from evals.cases import Case
from knowledge.languages import language_of, likeliest_language

FEWEST_LETTERS = {"answer": 40, "question": 20}  # that tell a language
DENSE = frozenset({"zh", "ja", "ko"})  # in which a third of the letters tells as much
NOT_PROSE = re.compile(
    r"```.*?```|`[^`\n]+`|\*\*[^*\n]+\*\*|“[^”\n]+”|«[^»\n]+»|「[^」\n]+」|\"[^\"\n]+\"|https?://\S+", re.DOTALL
)


def languages_apart(case: Case, answer: Answer) -> str:
    """What the question and the answer are in, where both can be told and differ; else "".

    Names of buttons and quotes do not count: they are in the language of the page they stand on.
    """
    asked = told(case.question, "question") or case.language
    prose = NOT_PROSE.sub(" ", MARK.sub("", answer.text))
    answered = told(prose, "answer")
    if not (asked and answered) or answered in (asked, case.language):
        return ""
    is_certain = likeliest_language(prose, {asked, answered}) == answered
    return f"asked in {asked}, answered in {answered}" if is_certain else ""


def told(text: str, kind: str) -> str:
    """The language of a text, or "" where there is too little of it to tell."""
    letters = sum(character.isalpha() for character in text)
    language = language_of(text)
    return language if letters * (3 if language in DENSE else 1) >= FEWEST_LETTERS[kind] else ""
