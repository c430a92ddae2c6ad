"""Cases in files: JSON Lines with one case a line, a CSV table, and the shapes of other people's sets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.cases import Case
from evals.datasets.shapes import MEANINGS, cases_from, is_our_own, meaning_of
from evals.datasets.tables import NotATable, as_table, rows_of, values_of

SAMPLES = Path(__file__).parent.parent / "golden"
SUPPORT = SAMPLES / "support.jsonl"
MOST_BYTES = 10_000_000
MOST_CASES = 5_000
MOST_PROBLEMS = 20  # said at a time
FORMATS = {"jsonl": "application/jsonl", "csv": "text/csv"}


class Unreadable(Exception):
    """A file that cannot be used. `problems` name line and field and what to do, one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Reading:
    """The cases of a file. `meanings` says what each column of somebody else's file was taken for."""

    cases: tuple[Case, ...]
    meanings: dict[str, str] = field(default_factory=dict)

    @property
    def mapped(self) -> list[tuple[str, str]]:
        """Each column with what it was taken for, in words."""
        return [(column, MEANINGS[meaning]) for column, meaning in self.meanings.items()]


@dataclass(frozen=True)
class _Record:
    line: int
    values: Mapping[str, Any]


def load(path: Path = SUPPORT) -> tuple[Case, ...]:
    """The cases of a file, in its order. Raises Unreadable, whose sentences begin with the file's name."""
    return load_reading(path).cases


def load_reading(path: Path, meanings: Mapping[str, str] | None = None) -> Reading:
    """As `read`, of a file. Raises Unreadable, whose sentences begin with the file's name."""
    try:
        return read(path.read_bytes(), meanings)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    except Unreadable as error:
        raise Unreadable(*(f"{path}: {problem}" for problem in error.problems)) from error


def read(data: bytes, meanings: Mapping[str, str] | None = None) -> Reading:
    """All cases of a file, or Unreadable: nothing is taken of a file in which one line is wrong.

    `meanings` says what columns are to be taken for, where that is not left to us.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Cut it into several.")
    records = _records(_decoded(data))
    if not records:
        raise Unreadable("The file holds no case. Write one JSON object on each line, or a table with a header.")
    if len(records) > MOST_CASES:
        raise Unreadable(
            f"The file holds {len(records):,} cases; at most {MOST_CASES:,} are read. Cut it into several."
        )
    values = [record.values for record in records]
    found: dict[str, str] = {}
    fields: Sequence[Mapping[str, Any]] = values
    if meanings or not is_our_own(name for one in values for name in one):
        found = meaning_of(values)
        found |= {name: said for name, said in (meanings or {}).items() if name in found and said in MEANINGS}
        if not {"question", "messages"} & set(found.values()):
            columns = ", ".join(found)
            raise Unreadable(f"No column is a question. There are: {columns}. Name the one that is “question”.")
        fields = cases_from(values, found)
    return Reading(_checked([record.line for record in records], fields), found)


def as_jsonl(cases: Iterable[Case]) -> str:
    """One case a line, with all its fields."""
    return "".join(f"{case.model_dump_json()}\n" for case in cases)


def as_file(cases: Iterable[Case], form: str) -> bytes:
    """The bytes of a file in a format of FORMATS. A table begins with the mark by which Excel knows UTF-8."""
    return as_table(cases).encode("utf-8-sig") if form == "csv" else as_jsonl(cases).encode()


def _decoded(data: bytes) -> str:
    code = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(code)
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8 text. In Excel, save it as “CSV UTF-8”.") from None


def _records(text: str) -> list[_Record]:
    try:
        if text.lstrip()[:1] == "[":
            return _from_array(text)
        if text.lstrip()[:1] == "{":
            return _from_lines(text)
        return [_Record(line, _row(line, cells)) for line, cells in rows_of(text)]
    except NotATable as error:
        raise Unreadable(str(error)) from None


def _row(line: int, cells: dict[str, str]) -> dict[str, Any]:
    """A row's cells, as fields of a case where the header has our names."""
    try:
        return values_of(cells) if is_our_own(cells) else dict(cells)
    except ValueError as error:
        raise Unreadable(f"Line {line}, history: this is not JSON ({error}).") from None


def _from_lines(text: str) -> list[_Record]:
    records, problems = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                records.append(_Record(number, _object(json.loads(line))))
            except (ValueError, RecursionError) as error:
                problems.append(f"Line {number} is not JSON: {error}. Write one object on each line.")
    if problems:
        raise Unreadable(*problems[:MOST_PROBLEMS])
    return records


def _from_array(text: str) -> list[_Record]:
    try:
        return [_Record(number, _object(one)) for number, one in enumerate(json.loads(text), start=1)]
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The file is not a JSON list of objects: {error}.") from None


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("it is no object with names and values")  # noqa: TRY004 (read as the reader's own error)
    return value


def _checked(lines: Sequence[int], fields: Sequence[Mapping[str, Any]]) -> tuple[Case, ...]:
    """The cases, if all of them are right and no id stands for two."""
    cases: dict[str, Case] = {}
    problems: list[str] = []
    for line, one in zip(lines, fields, strict=True):
        try:
            case = Case.model_validate(one)
        except ValidationError as error:
            problems += [f"Line {line}, {in_words(problem)}" for problem in error.errors()]
            continue
        if case.id in cases:
            problems.append(
                f"Line {line}, id: “{case.id}” stands for another case already. Give each an id of its own."
            )
        cases[case.id] = case
    if problems:
        more = len(problems) - MOST_PROBLEMS
        raise Unreadable(*problems[:MOST_PROBLEMS], *([f"And {more:,} more."] if more > 0 else []))
    return tuple(cases.values())


def in_words(problem: Any) -> str:
    """One of pydantic's problems with a case: the field, and what to do."""
    path = ".".join(map(str, problem["loc"])) or "the line"
    if problem["type"] == "extra_forbidden":
        return f"{path}: there is no such field. Take it out, or correct its name."
    if problem["type"] == "missing":
        return f"{path}: this is missing."
    if problem["type"] == "string_pattern_mismatch":
        return f"{path}: letters, digits and . _ : / - only, at most 80 of them."
    message = str(problem["msg"])
    return f"{path}: {message[:1].lower()}{message[1:]}."
