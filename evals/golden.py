"""Golden cases: questions as customers ask them, with what a good answer must hold. One JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from evals.cases import Case

SUPPORT = Path(__file__).parent / "golden" / "support.jsonl"


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
