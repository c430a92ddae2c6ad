"""What one line of a file may be, as the provider's fine-tuning takes it: one file for each kind of set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from chat.history import tokens_in
from evals.distillation.candidates import Candidate
from evals.distillation.formats.answers import AnswerLine, answer_line
from evals.distillation.formats.judge import VerdictLine, verdict_line
from evals.distillation.formats.preferences import PreferenceLine, preference_line

FORMATS: dict[str, type[BaseModel]] = {
    "answers": AnswerLine,
    "preferences": PreferenceLine,
    "judge": VerdictLine,
}
A_MESSAGE = 4  # tokens that stand around each message
MOST_BYTES = 500_000_000  # of a file, as the provider takes it
LEAST_LINES = 10  # to learn from, as the provider takes it


def line_of(kind: str, candidate: Candidate) -> dict[str, Any]:
    """The line that a candidate becomes."""
    if kind == "preferences":
        return preference_line(candidate.messages, candidate.tools, candidate.good, candidate.bad)
    if kind == "judge":
        return verdict_line(candidate.messages, candidate.good)
    return answer_line(candidate.messages, candidate.tools, candidate.good)


def problem_in(kind: str, line: dict[str, Any]) -> str:
    """What keeps a line from being one of this kind; empty for a sound one."""
    try:
        FORMATS[kind].model_validate(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'line'}: {first['msg']}"
    return ""


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a line, keys too, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def tokens_of(line: dict[str, Any]) -> int:
    """About how many tokens a line has, by `chat.history.tokens_in`: an estimate, no tokenizer is asked."""
    tools = line.get("tools") or line.get("input", {}).get("tools") or []
    return sum(tokens_in(text) + A_MESSAGE for text in _contents(line)) + sum(
        tokens_in(json.dumps(one)) for one in tools
    )


def _contents(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("content"), str):
            yield value["content"]
        for inner in value.values():
            yield from _contents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _contents(inner)
