"""A run by kinds of cases and of answers: where is it weak? Two queries beside the table's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models.fields.json import KT

from evals.models import CaseRevision, Result
from evals.reporting.estimates import estimate, is_too_wide
from evals.reporting.table import Row, Table
from evals.statistics.intervals import Estimate

DIMENSIONS = {
    "tag": "Tag",
    "language": "Language",
    "audience": "Asked as",
    "severity": "Severity",
    "expects": "Expected",
    "served_by": "Served by",
    "model": "Model",
    "document": "Document cited",
}
OF_THE_CASE = ("language", "audience", "severity", "expects")
NONE_CITED = "(none)"
Facets = dict[int, dict[str, tuple[str, ...]]]  # result → dimension → values


@dataclass(frozen=True)
class Slice:
    """The rows that have one value in one dimension. `name` is what an address says: `language:es`."""

    dimension: str
    value: str
    answers: int
    estimate: Estimate | None
    is_too_small: bool  # to say anything by itself
    hard_failures: int

    @property
    def name(self) -> str:
        return f"{self.dimension}:{self.value}"


@dataclass(frozen=True)
class Group:
    """All slices of one dimension, the largest first."""

    dimension: str
    title: str
    slices: tuple[Slice, ...]


def facets_of(table: Table) -> Facets:
    """What each row can be sliced by."""
    cases = _of_cases(table)
    cited = dict(Result.objects.filter(run=table.run).values_list("id", "answer__cited"))
    return {row.result: _facets(row, cases.get(row.case or 0, {}), cited.get(row.result)) for row in table.rows}


def slices(table: Table, facets: Facets, metric: str) -> list[Group]:
    """The metric in each slice. A dimension in which all rows are alike says nothing, and is left out."""
    groups = []
    for dimension, title in DIMENSIONS.items():
        rows = _split(table, facets, dimension)
        if len(rows) > 1:
            found = [_slice(dimension, value, rows[value], metric) for value in rows]
            groups.append(Group(dimension, title, tuple(sorted(found, key=lambda one: (-one.answers, one.value)))))
    return groups


def rows_in(table: Table, facets: Facets, name: str) -> Iterator[Row]:
    """The rows of a slice by its name; none for a name that says nothing."""
    dimension, _, value = name.partition(":")
    return (row for row in table.rows if value in facets[row.result].get(dimension, ()))


def _of_cases(table: Table) -> dict[int, dict[str, tuple[str, ...]]]:
    found = CaseRevision.objects.filter(results__run=table.run).distinct()
    columns = [KT(f"content__{name}") for name in OF_THE_CASE]
    of_cases = {}
    for pk, tags, *values in found.values_list("pk", "content__tags", *columns):
        named = zip(OF_THE_CASE, values, strict=True)
        of_cases[pk] = {"tag": tuple(tags or ()), **{name: (value,) for name, value in named if value}}
    return of_cases


def _facets(row: Row, of_case: dict[str, tuple[str, ...]], cited: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    return {
        **of_case,
        "served_by": ("no answer" if row.error else row.served_by or "unknown",),
        "model": (row.model,) if row.model else (),
        "document": tuple(cited or (NONE_CITED,)),
    }


def _split(table: Table, facets: Facets, dimension: str) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows:
        for value in facets[row.result].get(dimension, ()):
            rows[value].append(row)
    return rows


def _slice(dimension: str, value: str, rows: Sequence[Row], metric: str) -> Slice:
    found = estimate(rows, metric)
    is_too_small = found is None or is_too_wide(found)
    return Slice(dimension, value, len(rows), found, is_too_small, sum(row.is_hard_failure for row in rows))
