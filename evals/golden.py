"""Golden cases: questions as customers ask them, with what a good answer must hold. One JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from knowledge.access import Audience

SUPPORT = Path(__file__).parent / "golden" / "support.jsonl"


def _as_alternatives(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Fact = Annotated[tuple[str, ...], BeforeValidator(_as_alternatives)]


class Case(BaseModel):
    """One question and what is expected of its answer.

    `must_include` are facts that all have to be there, each a string or a list of ways to put it;
    `expected_sources` are file names, and one of them must be cited.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    question: str
    language: str
    audience: Audience
    expects: Literal["answer", "unknown"]
    must_include: tuple[Fact, ...] = ()
    must_not_include: tuple[str, ...] = ()
    expected_sources: tuple[str, ...] = ()
    expert_answer: str = ""


class GoldenError(Exception):
    """A golden file that cannot be used; the message names the file, the line and what to do."""


def load(path: Path = SUPPORT) -> tuple[Case, ...]:
    """The cases of a JSON Lines file, in its order. Raises GoldenError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GoldenError(f"{path} cannot be read: {error}") from error
    cases = [_case(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not cases:
        raise GoldenError(f"{path} holds no case. Write one JSON object on each line.")
    _refuse_twins(path, cases)
    return tuple(cases)


def _case(path: Path, number: int, line: str) -> Case:
    try:
        return Case.model_validate(json.loads(line))
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise GoldenError(f"{path}, line {number}: {field}: {problem['msg']}") from error
    except json.JSONDecodeError as error:
        raise GoldenError(f"{path}, line {number} is not JSON: {error}") from error


def _refuse_twins(path: Path, cases: list[Case]) -> None:
    ids = [case.id for case in cases]
    if twins := sorted({name for name in ids if ids.count(name) > 1}):
        raise GoldenError(f"{path}: each id stands for one case, but these come twice: {', '.join(twins)}")
