"""The list of runs, and one run."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from evals.desk.doors import for_staff
from evals.desk.listed import listed
from evals.desk.lists import MOST_LISTED, Filters, enough_cases, rows_of
from evals.desk.overview import overview_of
from evals.models import Dataset, Run
from evals.reporting.failures import Wanted
from evals.running.progress import progress_of
from evals.running.spending import spent_by
from knowledge.access import Viewer
from llm.cleaning import clean

A_PAGE = 25
ANSWERS_A_PAGE = 10
NOTE_CHARACTERS = 400


@never_cache
@require_safe
@for_staff
def evals(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All runs, the latest first, as filtered by `?set=`, `?trigger=` and `?state=`; two that were ticked (`?compare=`)
    are compared.
    """
    if chosen := request.GET.getlist("compare"):
        return _compare(request, viewer, chosen)
    filters = Filters.from_query(request.GET)
    runs = (
        Run.objects.visible_to(viewer)
        .filter(filters.as_q)
        .select_related("dataset_version__dataset", "assistant_version", "baseline__dataset_version__dataset")
    )
    page = Paginator(runs.defer("assistant_version__content"), A_PAGE).get_page(request.GET.get("page"))
    rows = rows_of(page.object_list)
    context = {
        "page": page,
        "rows": rows,
        "filters": filters,
        "sets": Dataset.objects.visible_to(viewer).in_use()[:MOST_LISTED],
        "enough": enough_cases(rows),
        "is_first_run": not rows and not Run.objects.visible_to(viewer).exists(),
        "query": urlencode(filters.query),
        "may_manage": viewer.can_manage_assistant,
    }
    return render(request, "evals/evals.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def run(request: HttpRequest, viewer: Viewer, run_id: int) -> HttpResponse:
    """One run: its figures, its failures (`?outcome=`, `?grader=`, `?slice=`, `?q=`), and all that it depends on.

    A POST changes the note.
    """
    row = run_row(viewer, run_id)
    if request.method == "POST":
        row.note = clean(request.POST.get("note", "")).strip()[:NOTE_CHARACTERS]
        row.save(update_fields=["note"])
        messages.success(request, "The note is saved.")
        return redirect("run", run_id)
    shown = overview_of(row, Wanted.from_query(request.GET))
    page = Paginator(shown.wanted_rows, ANSWERS_A_PAGE).get_page(request.GET.get("page"))
    context = {"run": row, "page": page, "listed": listed(list(page), row, viewer, shown.wanted)}
    return render(request, "evals/run.html", vars(shown) | context | _facts(viewer, row))


def _compare(request: HttpRequest, viewer: Viewer, chosen: list[str]) -> HttpResponse:
    """To the page of the two, the earlier one first."""
    ids = {int(one) for one in chosen if one.isdecimal() and len(one) < 19}
    runs = sorted(Run.objects.visible_to(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    if len(runs) == 2:
        return redirect(f"{reverse('compare_runs')}?{urlencode({'a': runs[0], 'b': runs[1]})}")
    messages.warning(request, "Tick two runs, then compare them.")
    return redirect("evals")


def run_row(viewer: Viewer, run_id: int) -> Run:
    """The run with all that its pages name. Raises Http404."""
    whole = Run.objects.visible_to(viewer).select_related(
        "dataset_version__dataset", "assistant_version", "baseline__dataset_version__dataset", "created_by"
    )
    return get_object_or_404(whole.defer("assistant_version__content"), pk=run_id)


def _facts(viewer: Viewer, row: Run) -> dict[str, Any]:
    """What the page says beside the figures, and where this viewer may go from it. Money is in dollars."""
    version, spent = row.assistant_version, spent_by(row)
    return {
        "may_manage": viewer.can_manage_assistant,
        "may_open_version": version is not None and viewer.can_manage_assistant,
        "has_changed_since": bool(version and row.assistant_hash and version.hash != row.assistant_hash),
        "progress": progress_of(row) if row.state != Run.State.DONE and row.trigger != Run.Trigger.ONLINE else None,
        "spent": _dollars(spent.microdollars),
        "spent_on_grades": _dollars(spent.on_grades),
        "budget": _dollars(row.budget_microdollars),
        "estimated": _dollars(row.estimate_microdollars),
    }


def _dollars(microdollars: int | None) -> float | None:
    return None if microdollars is None else microdollars / 1_000_000
