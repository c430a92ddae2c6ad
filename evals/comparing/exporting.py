"""A comparison as rows, one for each case: for spreadsheets and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from evals.comparing.comparison import Comparison
from evals.comparing.pairing import mean_of
from evals.datasets.tables import line_of
from evals.models import Result
from evals.reporting.table import PASSED


def as_rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """One row a case: what became of it, its scores, its answers. Means over the repetitions; texts of the first."""
    names = [PASSED, *(metric.name for metric in comparison.metrics if metric.name != PASSED)]
    texts = _texts(comparison)
    for pair in comparison.pairs:
        row: dict[str, Any] = {"case": pair.key, "became": pair.change.value}
        for name in names:
            row |= {f"{name} before": mean_of(pair.before, name), f"{name} after": mean_of(pair.after, name)}
        question, after = texts[pair.after[0].result]
        yield row | {"question": question, "answer before": texts[pair.before[0].result][1], "answer after": after}


def as_json_lines(comparison: Comparison) -> Iterator[str]:
    for row in as_rows(comparison):
        yield json.dumps(row, ensure_ascii=False) + "\n"


def as_csv(comparison: Comparison) -> Iterator[str]:
    """With a header. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    for number, row in enumerate(as_rows(comparison)):
        yield f"{line_of(row) if number == 0 else ''}{line_of(row.values())}"


def _texts(comparison: Comparison) -> dict[int, tuple[str, str]]:
    ids = [row.result for pair in comparison.pairs for row in (pair.before[0], pair.after[0])]
    found = Result.objects.filter(pk__in=ids).values_list("pk", "question", "text")
    return {pk: (question, text) for pk, question, text in found}
