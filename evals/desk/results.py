"""One case over all runs, and one answer with everything that is said of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evals.desk.answers import case_now, prompts_of, receipt_of, rendered, rubrics_left, said_of, shown_answer
from evals.desk.doors import for_staff
from evals.models import CaseRevision, Result
from evals.reporting.failures import Wanted, neighbours, wanted_rows
from evals.reporting.history import Cell, History, history_of
from evals.reporting.table import load
from evals.reviewing.words import rubrics
from knowledge.access import Viewer

SIDES = 2  # answers beside each other


@never_cache
@require_safe
@for_staff
def case(request: HttpRequest, viewer: Viewer, case_id: int) -> HttpResponse:
    """One case: its revisions, a strip of all runs, and two of its answers beside each other (`?with=`, twice)."""
    row = case_row(viewer, case_id)
    history = history_of(row, viewer)
    revisions = CaseRevision.objects.visible_to(viewer).filter(dataset=row.dataset_id, key=row.key)
    context = {
        "case": row,
        "revisions": revisions.select_related("created_by").order_by("-revision"),
        "history": history,
        "sides": [_side(cell) for cell in _chosen(history, request.GET.getlist("with"))],
        "may_manage": viewer.can_manage_assistant,
    }
    return render(request, "evals/case.html", context)


@never_cache
@require_safe
@for_staff
def result(request: HttpRequest, viewer: Viewer, result_id: int) -> HttpResponse:
    """One answer. The query says from which list of the run it was opened: `j` and `k` walk through that one."""
    row = result_row(viewer, result_id)
    wanted = Wanted.from_query(request.GET)
    before, after = neighbours(wanted_rows(load(row.run), wanted), row.pk)
    said = said_of(row, viewer)
    context: dict[str, Any] = {
        "result": row,
        "run": row.run,
        "shown": shown_answer(row, said),
        "said": said,
        "rubrics": rubrics_left(said),
        "reviewable": [(name, grader.title) for name, grader in rubrics().items()],
        "waterfall": receipt_of(row),
        "messages_sent": prompts_of(row, viewer),
        "latest": case_now(row),
        "may_manage": viewer.can_manage_assistant,
        "before": before,
        "after": after,
        "query": urlencode(wanted.query),
        "viewer": viewer,
    }
    return render(request, "evals/result.html", context)


def case_row(viewer: Viewer, case_id: int) -> CaseRevision:
    """The revision of that key. Raises Http404."""
    rows = CaseRevision.objects.visible_to(viewer).select_related("dataset", "created_by", "document", "reply")
    return get_object_or_404(rows, pk=case_id)


def result_row(viewer: Viewer, result_id: int) -> Result:
    """The answer with its run and its case. Raises Http404."""
    rows = Result.objects.visible_to(viewer).select_related(
        "run__dataset_version__dataset", "run__assistant_version", "run__baseline", "case__dataset", "reply__version"
    )
    return get_object_or_404(rows, pk=result_id)


def _chosen(history: History, wanted: list[str]) -> list[Cell]:
    """The two answers that the address names; else the latest one, and the latest that came out differently."""
    cells = [cell for stop in history.latest_first for cell in stop.cells]
    named = [cell for cell in cells if str(cell.result.pk) in wanted]
    if named or not cells:
        return named[:SIDES]
    other = next((cell for cell in cells[1:] if cell.outcome != cells[0].outcome), None)
    return [cells[0], *([other] if other else cells[1:2])]


def _side(cell: Cell) -> dict[str, Any]:
    return {"cell": cell, "blocks": rendered(cell.result.text, f"side-{cell.result.pk}")}
