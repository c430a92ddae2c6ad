"""The object that a judge should have written, made of people's word: evidence, reasoning, and what is decided."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from evals.answers import Answer
from evals.distillation.collecting.replies import is_demo
from evals.distillation.licensing import licence_for
from evals.distillation.options import Options
from evals.grading import Grader
from evals.models import Grading
from evals.reading.judge import MOST_QUOTES, Verdict, sources_of
from evals.reviewing.words import key_of, words_of


@dataclass(frozen=True)
class Written:
    """The JSON text, whose reasoning it is, and the models that wrote a part of it."""

    text: str
    by: str
    teachers: tuple[str, ...]


def verdict_of(
    returns: type[BaseModel],
    judge: Grader,
    word: str,
    people: Sequence[Grading],
    judges: Sequence[Grading],
    answer: Answer,
    options: Options,
) -> Written | str:
    """The verdict with people's word, or the reason why it cannot be written: a key of `reasons.REASONS`."""
    agreeing = _agreeing(judge, word, judges, options)
    if issubclass(returns, Verdict):
        fields, by = _verdict(returns, judge, word, people, agreeing)
    elif agreeing and (claims := _claims(agreeing.evidence, answer)):
        fields, by = {"claims": claims}, "judge"
    else:
        return "no_claims"
    try:
        made = returns.model_validate(fields)
    except ValidationError:
        return "misshapen"
    text = json.dumps(made.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    return Written(text, by, (agreeing.model,) if agreeing and by == "judge" else ())


def _agreeing(judge: Grader, word: str, judges: Sequence[Grading], options: Options) -> Grading | None:
    """The latest judge that said the same word, whose model may teach."""
    for said in reversed(judges):
        may_teach = licence_for(said.model, options.pupil)[0] and (options.allow_demo or not is_demo(said.model))
        if may_teach and said.model and key_of(judge, said.label, said.points, said.passed) == word:
            return said
    return None


def _verdict(
    returns: type[BaseModel], judge: Grader, word: str, people: Sequence[Grading], agreeing: Grading | None
) -> tuple[dict[str, Any], str]:
    """The fields, and whose reasoning they hold: the judge's, people's, or none that says more than the word."""
    decides = next(name for name in reversed(returns.model_fields) if name not in Verdict.model_fields)
    value: Any = int(word) if judge.has_points else word
    if agreeing and agreeing.reason.strip():
        evidence = [
            {"where": one["where"], "words": one["quote"]} for one in agreeing.evidence if one.get("at") is not None
        ]
        return {"evidence": evidence[:MOST_QUOTES], "reasoning": agreeing.reason, decides: value}, "judge"
    if reason := next((one.reason.strip() for one in reversed(people) if one.reason.strip()), ""):
        return {"evidence": [], "reasoning": reason, decides: value}, "people"
    says = next(one.says for one in words_of(judge) if one.key == word)
    return {"evidence": [], "reasoning": f"By the rubric this answer is: {says.lower()}.", decides: value}, "none"


def _claims(evidence: Sequence[dict[str, Any]], answer: Answer) -> list[dict[str, Any]]:
    """The claims as the judge wrote them; none where it made one of the quotes up."""
    numbers = {(one.kind, one.index): one.number for one in sources_of(answer)}
    if any(one.get("verdict") == "invented" for one in evidence):
        return []
    return [
        {
            "claim": one["claim"],
            "quote": one["quote"],
            "source": numbers.get((one["source"]["kind"], one["source"]["index"]), 0) if one["source"] else 0,
            "why": one["why"],
            "verdict": one["verdict"],
        }
        for one in evidence
    ]
