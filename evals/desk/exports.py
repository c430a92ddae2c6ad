"""A run as a file, sent while it is written."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from evals.datasets.tables import MARK, line_of
from evals.desk.doors import for_staff
from evals.desk.runs import run_row
from evals.models import Run
from evals.reporting.export import batches, columns_of, row_of
from knowledge.access import Viewer
from llm.database import in_database

FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


@never_cache
@require_GET
@for_staff
async def export_run(request: HttpRequest, viewer: Viewer, run_id: int) -> StreamingHttpResponse:
    """All answers of a run with all their grades, as `?format=csv` or `jsonl`."""
    form = request.GET.get("format", "csv")
    if form not in FORMATS:
        raise BadRequest(f"no such format: {form[:20]}")
    run = await in_database(run_row, viewer, run_id)
    lines = _table(run) if form == "csv" else _lines(run)
    return StreamingHttpResponse(
        lines,
        content_type=FORMATS[form],
        headers={"Content-Disposition": f'attachment; filename="run-{run.pk}.{form}"'},
    )


async def _lines(run: Run) -> AsyncIterator[bytes]:
    async for answers in _batches(run):
        yield "".join(f"{json.dumps(answer, ensure_ascii=False)}\n" for answer in answers).encode()


async def _table(run: Run) -> AsyncIterator[bytes]:
    """Begins with the mark by which Excel knows UTF-8. A cell that a spreadsheet would run gets an apostrophe."""
    columns = await in_database(columns_of, run)
    yield f"{MARK}{line_of(columns)}".encode()
    async for answers in _batches(run):
        rows = [row_of(answer) for answer in answers]
        yield "".join(line_of(row.get(name) for name in columns) for row in rows).encode()


async def _batches(run: Run) -> AsyncIterator[list[dict[str, Any]]]:
    """Each read in a thread, so that the loop goes on."""
    reading = batches(run)
    while (found := await in_database(next, reading, None)) is not None:
        yield found
