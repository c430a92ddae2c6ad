"""A training set as files: JSON Lines, byte by byte the same whenever they are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from evals.models import TrainingExample, TrainingSet

BREAKS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}  # that some readers take for a line's end


def lines_of(training_set: TrainingSet, part: str) -> Iterator[bytes]:
    """The lines of a part, `train` or `validation`, each with its line end."""
    rows = TrainingExample.objects.filter(training_set=training_set, part=part).order_by("pk")
    yield from as_lines(rows.values_list("line", flat=True).iterator(chunk_size=500))


def deleted_since(training_set: TrainingSet) -> int:
    """How many lines rest on conversations that customers have deleted since: then the set is to be made anew."""
    return TrainingExample.objects.filter(training_set=training_set, reply=None, origin__is_of_a_customer=True).count()


def as_lines(lines: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Objects as JSON Lines: keys in one order, one line each whatever stands in them."""
    for line in lines:
        yield as_line(line) + b"\n"


def as_line(line: dict[str, Any]) -> bytes:
    """One object as one line of UTF-8, without its line end."""
    text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for mark, escaped in BREAKS.items():
        text = text.replace(mark, escaped)
    return text.encode()
