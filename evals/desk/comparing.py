"""The pages on which two runs are held against each other."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from evals import tasks
from evals.comparing.comparison import compare
from evals.comparing.duels import judge_of_pairs, reopen
from evals.comparing.exporting import as_csv, as_json_lines
from evals.comparing.sides import shown
from evals.desk.beside import Beside, choices_of, wanted_pairs
from evals.desk.doors import for_assistant_managers, for_staff
from evals.models import Run
from knowledge.access import Viewer

A_PAGE = 10


@never_cache
@require_safe
@for_staff
def compare_runs(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Two runs (`?a=` before, `?b=` after) on the cases that they share; without them a form to choose."""
    which = request.GET.get("show", "")
    context: dict[str, Any] = {"choices": choices_of(viewer), "a": request.GET.get("a"), "b": request.GET.get("b")}
    if context["a"] and context["b"]:
        before, after = _both(request.GET, viewer)
        comparison = compare(before, after)
        page = Paginator(wanted_pairs(comparison, which), A_PAGE).get_page(request.GET.get("page"))
        context |= {
            "comparison": comparison,
            "beside": Beside(comparison, viewer, which),
            "page": page,
            "shown": shown(list(page.object_list)),
            "query": urlencode({"a": before.pk, "b": after.pk, "show": which}),
        }
    return render(request, "evals/compare_runs.html", context)


@never_cache
@require_safe
@for_staff
def export_comparison(request: HttpRequest, viewer: Viewer) -> StreamingHttpResponse:
    """One row a case, as CSV or (`?format=jsonl`) as JSON Lines."""
    before, after = _both(request.GET, viewer)
    is_json = request.GET.get("format") == "jsonl"
    rows = (as_json_lines if is_json else as_csv)(compare(before, after))
    name = f"runs-{before.pk}-{after.pk}.{'jsonl' if is_json else 'csv'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(
        rows, content_type=f"{'application/jsonl' if is_json else 'text/csv'}; charset=utf-8", headers=headers
    )


@require_POST
@for_assistant_managers
def judge_pairs(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Have the judge compare the answers to each case, in the background."""
    before, after = _both(request.POST, viewer)
    judge = judge_of_pairs()
    if judge is None:
        messages.error(request, "There is no judge on the shelf that compares two answers.")
    else:
        reopen(before, after, judge)
        transaction.on_commit(lambda: tasks.judge_pairs.delay(before.pk, after.pk))
        messages.success(request, "The judge compares the answers. Load the page again to see how far it is.")
    return redirect(f"{reverse('compare_runs')}?{urlencode({'a': before.pk, 'b': after.pk})}#duels")


def _both(given: Any, viewer: Viewer) -> tuple[Run, Run]:
    """The runs that an address names. Raises Http404."""
    return _run(given.get("a", ""), viewer), _run(given.get("b", ""), viewer)


def _run(which: str, viewer: Viewer) -> Run:
    if not which.isascii() or not which.isdecimal() or len(which) > 12:
        raise Http404
    runs = Run.objects.visible_to(viewer).select_related("dataset_version__dataset", "assistant_version", "created_by")
    return get_object_or_404(runs, pk=int(which))
