"""What a grader is given, what it gives back, and how one is declared.

@grader(kind="rule")
async def cites_source(case: Case, answer: Answer) -> Grade:
    ...
    return Grade.passed_if(is_cited, otherwise="cites nothing")
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any, ClassVar, Literal

from django.conf import settings

from evals.answers import Answer
from evals.appointments import appointed
from evals.cases import Case
from evals.rubrics import FRAME, rubric
from llm.behalf import current, on_behalf_of
from llm.catalogue import model_for

Kind = Literal["rule", "measure", "judge"]
READING = "evals.reading."


class Outcome(StrEnum):
    SCORED = "scored"
    ABSTAINED = "abstained"
    FAILED = "failed"


@dataclass(frozen=True)
class Grade:
    """A score from 0 to 1 with its reason; or no score, because the grader has nothing to say or broke.

    An abstention and a failure are never counted as a zero. `label` is the grader's own word (`subset`, `conflict`),
    `points` its own scale (1 to 5), `evidence` what it rests on: quotes of answer and passages, checked in code. A
    hard failure blocks a publication whatever the mean is.
    """

    outcome: Outcome
    score: float | None = None
    reason: str = ""
    label: str = ""
    points: int | None = None
    passed: bool | None = None
    is_hard_failure: bool = False
    evidence: tuple[dict[str, Any], ...] = field(default=())

    @property
    def is_trouble(self) -> bool:
        """The answer is not good by this grade, or the grader broke."""
        return self.outcome is Outcome.FAILED or self.passed is False

    @classmethod
    def scored(cls, score: float, reason: str = "", **more: Any) -> Grade:
        """It passes from a full score on, unless `passed` says otherwise."""
        return cls(Outcome.SCORED, score, reason, **{"passed": score >= 1, **more})

    @classmethod
    def passed_if(cls, is_good: bool, otherwise: str, **more: Any) -> Grade:
        """1, or 0 for the reason `otherwise`."""
        return cls.scored(1.0, **more) if is_good else cls.scored(0.0, otherwise, **more)

    @classmethod
    def abstained(cls, reason: str) -> Grade:
        return cls(Outcome.ABSTAINED, reason=reason)

    @classmethod
    def failed(cls, reason: str) -> Grade:
        return cls(Outcome.FAILED, reason=reason)


Function = Callable[..., Awaitable[Grade]]  # (case, answer), and the baseline's answer for one that compares


@dataclass(frozen=True)
class Grader:
    """A grader on the shelf.

    A `rule` is code and passes or fails; a `measure` holds a number against a limit; a `judge` is a model with a
    rubric, whose word counts only as far as people were found to agree with it. An `invariant` has to hold in every
    case before anything is published. One that `compares` is also given the baseline's answer. `labels` are the words
    that a person chooses from when grading by the same rubric, best first; without them it is pass or fail, or the
    points 1 to 5 where `has_points` is set. `scores` says what each label is worth; from `passes_from` on it passes.
    `asks` names a model that is asked in place of the one that judges now.
    """

    function: Function
    kind: Kind
    title: str
    labels: tuple[str, ...] = ()
    has_points: bool = False
    is_invariant: bool = False
    compares: bool = False
    rubrics: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    passes_from: float = 1.0
    asks: str = ""
    do_not_call_in_templates: ClassVar[bool] = True  # a page names it, and never has it grade

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def summary(self) -> str:
        """The first sentence of its docstring, for people."""
        return (inspect.getdoc(self.function) or "").split("\n\n")[0].replace("\n", " ")

    @property
    def model(self) -> str:
        """The model that judges: the one it asks, one that was appointed, or that behind `judge`; empty for code."""
        return self.asks or appointed(self.name) or model_for("judge").name if self.kind == "judge" else ""

    @property
    def is_taught(self) -> bool:
        """Another model judges than the one behind `judge`."""
        return self.kind == "judge" and self.model != model_for("judge").name

    def asking(self, model: str) -> Grader:
        """The same judge with another model: with its own version, as its words are other ones."""
        return replace(self, asks=model)

    @property
    def is_demo(self) -> bool:
        """Its words are the demo model's: shown, and never used to decide anything."""
        return self.kind == "judge" and bool(settings.LLM_DEMO)

    @property
    def version(self) -> str:
        """Changes with its code, its rubric, and the model that judges: 12 hexadecimal digits.

        Its code is its module and what that takes from `evals/reading`; a judge's rubric has the frame of all of them.
        """
        rubrics = (*self.rubrics, FRAME) if self.kind == "judge" else self.rubrics
        parts = [*_sources(self.function.__module__), *map(rubric, rubrics), self.model]
        return sha256("\x1f".join(parts).encode()).hexdigest()[:12]

    async def __call__(self, case: Case, answer: Answer, baseline: Answer | None = None) -> Grade:
        given = (case, answer, baseline) if self.compares else (case, answer)
        if self.kind != "judge":
            return await self.function(*given)
        behalf = current()
        with on_behalf_of(behalf.version, turn=behalf.turn, models={**behalf.models, "judge": self.model}):
            return await self.function(*given)


@cache
def _sources(module: str) -> list[str]:
    """The source of a module, and of those of `evals/reading` whose names it uses: as they were when first read, since
    a file that changes under a running process is not what it runs."""
    taken = {getattr(value, "__module__", None) or "" for value in vars(sys.modules[module]).values()}
    reading = sorted(name for name in taken if isinstance(name, str) and name.startswith(READING))
    return [inspect.getsource(sys.modules[name]) for name in [module, *reading]]


def grader(
    *,
    kind: Kind,
    title: str = "",
    labels: tuple[str, ...] = (),
    has_points: bool = False,
    is_invariant: bool = False,
    compares: bool = False,
    rubrics: tuple[str, ...] = (),
    scores: tuple[float, ...] = (),
    passes_from: float = 1.0,
) -> Callable[[Function], Grader]:
    """Declare a function as a grader; its name is the name in runs, gates and figures, `title` what people read."""

    def declare(function: Function) -> Grader:
        words = title or function.__name__.replace("_", " ").capitalize()
        return Grader(function, kind, words, labels, has_points, is_invariant, compares, rubrics, scores, passes_from)

    return declare


def passed(grades: Mapping[str, Grade], kinds: Mapping[str, Kind]) -> bool | None:
    """Whether an answer is right by the rules: all that have something to say like it, and none broke.

    None where a rule broke, or none had anything to say. Judges and measures are figures of their own.
    """
    by_rule = [grade for name, grade in grades.items() if kinds.get(name) == "rule"]
    if any(grade.outcome is Outcome.FAILED for grade in by_rule):
        return None
    scored = [grade for grade in by_rule if grade.outcome is Outcome.SCORED]
    return all(grade.passed for grade in scored) if scored else None
