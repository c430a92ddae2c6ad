"""A run in a table for people and as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from evals.grading import Grade, Outcome
from evals.runner import CaseResult


@dataclass(frozen=True)
class Tally:
    """How many passed of those that could be judged, and how many could not."""

    passed: int
    judged: int
    broken: int

    @classmethod
    def of(cls, results: Iterable[CaseResult]) -> Tally:
        results = list(results)
        judged = [result for result in results if result.was_judged]
        return cls(sum(result.passed for result in judged), len(judged), len(results) - len(judged))

    @classmethod
    def of_grades(cls, grades: Iterable[Grade]) -> Tally:
        grades = list(grades)
        scored = [grade for grade in grades if grade.outcome is Outcome.SCORED]
        broken = sum(grade.outcome is Outcome.FAILED for grade in grades)
        return cls(sum(not grade.is_trouble for grade in scored), len(scored), broken)

    @property
    def rate(self) -> float:
        """The share that passed, from 0 to 1; 0 when nothing could be judged."""
        return self.passed / self.judged if self.judged else 0.0

    def __str__(self) -> str:
        broken = f"   {self.broken} not judged" if self.broken else ""
        return f"{self.passed:>3} of {self.judged:<3} {self.rate:>6.1%}{broken}"


def as_table(results: list[CaseResult], version: str) -> str:
    """Each case on a line, with the reasons under it; then the summaries and the times, and whose answers they were."""
    lines = [line for result in results for line in _case_lines(result)]
    for title, tallies in _summaries(results).items():
        lines += ["", title, *(f"  {name:<14} {tally}" for name, tally in tallies.items())]
    lines += ["", "time", *(f"  {name:<14} {value:>6.2f} s" for name, value in times(results).items())]
    return "\n".join([*lines, "", f"version          {version}", f"passed           {Tally.of(results)}"])


def as_json(results: list[CaseResult], version: str) -> dict[str, Any]:
    """The same as plain data: every answer with its grades, and the summaries."""
    summaries = _summaries(results)
    return {
        "version": version,
        "passed": asdict(Tally.of(results)) | {"rate": Tally.of(results).rate},
        **{title: {name: asdict(tally) for name, tally in summaries[title].items()} for title in summaries},
        "seconds": times(results),
        "cases": [_case_json(result) for result in results],
    }


def times(results: Iterable[CaseResult]) -> dict[str, float]:
    """Seconds to the first word and to the whole answer: the median, and what 95 of 100 stay under."""
    answers = [result.answer for result in results if result.answer]
    first = [answer.first_word_after for answer in answers]
    whole = [answer.whole_after for answer in answers]
    return {
        "first word p50": percentile(first, 50),
        "first word p95": percentile(first, 95),
        "answer p50": percentile(whole, 50),
        "answer p95": percentile(whole, 95),
    }


def percentile(values: list[float], percent: int) -> float:
    """The smallest value that `percent` of 100 do not exceed (nearest rank); 0 for no values."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1] if values else 0.0


def _summaries(results: list[CaseResult]) -> dict[str, dict[str, Tally]]:
    return {
        "grader": _by_grader(results),
        "language": _by(results, lambda result: result.case.language),
        "audience": _by(results, lambda result: result.case.audience.value),
        "expects": _by(results, lambda result: result.case.expects),
    }


def _by(results: list[CaseResult], key: Callable[[CaseResult], str]) -> dict[str, Tally]:
    names = dict.fromkeys(map(key, results))
    return {name: Tally.of(result for result in results if key(result) == name) for name in names}


def _by_grader(results: list[CaseResult]) -> dict[str, Tally]:
    names = dict.fromkeys(name for result in results for name in result.grades)
    return {name: Tally.of_grades(result.grades[name] for result in results if name in result.grades) for name in names}


def _case_lines(result: CaseResult) -> Iterator[str]:
    mark = ("✓" if result.passed else "✗") if result.was_judged else "!"
    took = f"{result.answer.whole_after:.2f} s" if result.answer else "-"
    yield f"{mark} {result.case.id:<32} {result.case.language}  {result.case.audience.value:<10} {took:>8}"
    for reason in result.reasons:
        yield f"    {reason}"


def _case_json(result: CaseResult) -> dict[str, Any]:
    return {
        "id": result.case.id,
        "question": result.case.question,
        "passed": result.passed if result.was_judged else None,
        "error": result.error,
        "answer": asdict(result.answer) if result.answer else None,
        "grades": {name: asdict(grade) for name, grade in result.grades.items()},
    }
