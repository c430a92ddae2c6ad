"""A case as a row of a table, for spreadsheets, and back.

Lists have one item on a line of their cell, facts `|` between the ways to put them, and the conversation so far is
JSON. An empty cell is the field's default. A spreadsheet would run a cell that begins like a formula: such a cell is
written with an apostrophe before it, which reading takes away again (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from evals.cases import Case
from evals.datasets.lines import facts_of, items_of, lines_of, lines_of_facts

COLUMNS = (
    "id", "question", "expects", "expert_answer", "must_include", "must_not_include", "expected_sources",
    "audience", "language", "severity", "tags", "cluster", "history",
)  # fmt: skip
LISTS = frozenset({"must_not_include", "expected_sources", "tags"})
DELIMITERS = ",;\t"
LONGEST_CELL = 1_000_000  # characters; the module's own limit is too low for a long conversation
MARK = "\ufeff"  # by which Excel knows UTF-8: it stands before the first line
FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")
GUARDED = re.compile(r"'+\s*[=+\-@＝＋－＠]")


class NotATable(Exception):
    """A text that is no table; the message says why."""


def as_table(cases: Iterable[Case]) -> str:
    """The cases with a header, comma-separated."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for case in cases:
        row = row_of(case)
        writer.writerow([row[name] for name in COLUMNS])
    return out.getvalue()


def row_of(case: Case) -> dict[str, str]:
    """The cells of a case, by column."""
    dumped = case.model_dump(mode="json")
    return {name: guarded(_cell(name, dumped[name])) for name in COLUMNS}


def values_of(cells: dict[str, str]) -> dict[str, Any]:
    """What a row says of a case. Raises ValueError for a conversation that is no JSON."""
    return {name: _value(name, cell) for name, cell in cells.items() if cell}


def rows_of(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table by the names of its header, each with the line on which it begins. Raises NotATable."""
    lines = _reader(text)
    header = [name.strip() for name in next(_each(lines), [])]
    if not any(header):
        raise NotATable("The first line must name the columns, such as id,question,expert_answer.")
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise NotATable(f"These columns stand there twice: {', '.join(twice)}. Give each a name of its own.")
    begins = lines.line_num + 1
    for cells in _each(lines):
        if any(cell.strip() for cell in cells):
            if any(cell.strip() for cell in cells[len(header) :]):
                raise NotATable(f"Line {begins} has more cells than the first line has names.")
            yield begins, {name: unguarded(cell) for name, cell in zip(header, cells, strict=False) if name}
        begins = lines.line_num + 1


def guarded(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def line_of(cells: Iterable[Any]) -> str:
    """A line of a table for spreadsheets, with its end. A text that one would run gets an apostrophe."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()


def unguarded(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell


def _cell(name: str, value: Any) -> str:
    if name == "must_include":
        return lines_of_facts(value)
    if name in LISTS:
        return lines_of(value)
    if name == "history":
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value)


def _value(name: str, cell: str) -> Any:
    readers: dict[str, Callable[[str], Any]] = {"must_include": facts_of, "history": json.loads}
    return (items_of if name in LISTS else readers.get(name, str))(cell)


def _reader(text: str) -> Any:
    """A reader with the delimiter that the header has most of."""
    csv.field_size_limit(LONGEST_CELL)
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _each(lines: Any) -> Iterator[list[str]]:
    while True:
        try:
            yield next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            raise NotATable(f"Line {lines.line_num}: {error}. Is a quotation mark missing?") from None
