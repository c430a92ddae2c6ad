"""The words that a rubric offers to people, and how a word is compared with a judge's."""

from __future__ import annotations

from dataclasses import dataclass

from evals.graders import GRADERS
from evals.grading import Grader
from evals.rubrics import rubric

POINTS = (1, 2, 3, 4, 5)
LEAST_GOOD = 4  # points from which on an answer passes
SERIOUS = 2  # points up to which an answer does harm
PASS, FAIL = "pass", "fail"


@dataclass(frozen=True)
class Word:
    """One choice: its key as figures count it, what people read, and what it is worth. `number` is its key to press."""

    key: str
    says: str
    number: int
    score: float
    passed: bool
    points: int | None = None
    label: str = ""


def rubrics() -> dict[str, Grader]:
    """What people grade by: every judge's rubric that needs one answer only."""
    return {name: grader for name, grader in GRADERS.items() if grader.kind == "judge" and not grader.compares}


def words_of(grader: Grader) -> tuple[Word, ...]:
    """The choices of a rubric, the best first; points from 1 to 5, so that the key pressed is the point given."""
    if grader.has_points:
        return tuple(
            Word(str(p), f"{p} of 5", p, (p - 1) / (POINTS[-1] - 1), p >= LEAST_GOOD, points=p) for p in POINTS
        )
    if grader.labels:
        return tuple(_label(grader, place, label) for place, label in enumerate(grader.labels))
    return Word(PASS, "Pass", 1, 1.0, passed=True), Word(FAIL, "Fail", 2, 0.0, passed=False)


def keys_of(grader: Grader) -> tuple[str, ...]:
    """All words in their order, as figures and tables count them."""
    return tuple(word.key for word in words_of(grader))


def key_of(grader: Grader, label: str, points: int | None, passed: bool | None) -> str:
    """The word that a grading says, comparable between judges and people; empty where it says none."""
    if grader.has_points:
        return "" if points is None else str(points)
    if grader.labels:
        return label
    return "" if passed is None else PASS if passed else FAIL


def prose_of(grader: Grader) -> str:
    """The rubric as the judge is told it."""
    return "\n\n".join(rubric(name) for name in grader.rubrics)


def _label(grader: Grader, place: int, label: str) -> Word:
    """Worth what the grader says; where it says nothing, the first label is full marks and the last none."""
    steps = max(1, len(grader.labels) - 1)
    score = grader.scores[place] if grader.scores else 1 - place / steps
    return Word(label, label.replace("_", " ").capitalize(), place + 1, score, score >= grader.passes_from, label=label)


def is_serious(grader: Grader, key: str) -> bool:
    """Whether people who say this word mean that the answer does harm: not a flaw, a wrong answer."""
    if grader.has_points:
        return key in {str(p) for p in POINTS if p <= SERIOUS}
    return key == keys_of(grader)[-1]
