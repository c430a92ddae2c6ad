"""The pages on which a case is written, changed, approved and taken out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from evals.datasets.changes import differences, revisions_of
from evals.datasets.sets import add_new, approve, remove, restore, revise
from evals.desk.case_forms import CaseEditor
from evals.desk.doors import for_assistant_managers
from evals.desk.sets import back_to_set, set_of
from evals.models import CaseRevision
from knowledge.access import Viewer

State = CaseRevision.State


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def new_case(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """A case that a person writes."""
    found = set_of(viewer, slug)
    editor = CaseEditor(None, request.POST or None)
    if request.method == "POST" and editor.is_valid():
        if row := add_new(found, editor.case, by=viewer.user_id, note=editor.note):
            messages.success(request, f"“{row.key}” is in the set.")
            return redirect("new_case" if "and_next" in request.POST else "dataset", found.slug)
        editor.form.add_error("id", f"“{editor.case.id}” stands for another case of this set. Choose another id.")
        editor.is_wrong = True
    context = {"dataset": found, "editor": editor}
    return render(request, "evals/new_case.html", context, status=_status(request))


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def edit_case(request: HttpRequest, viewer: Viewer, case_id: int) -> HttpResponse:
    """A case as a form; saving it makes another revision. Of two who save, the second sees both texts."""
    row = case_row(viewer, case_id)
    if request.method == "GET":
        if not row.is_latest:
            return redirect("edit_case", _latest(row).pk)
        return _form(request, row, CaseEditor(row.case, key=row.key))
    editor = CaseEditor(row.case, request.POST, key=row.key)
    if not editor.is_valid():
        return _form(request, row, editor, status=HTTPStatus.BAD_REQUEST)
    if not revise(row, editor.case, by=viewer.user_id, note=editor.note, approve="and_approve" in request.POST):
        return _conflict(request, row, editor)
    messages.success(request, f"“{row.key}” is saved.")
    return redirect("dataset", row.dataset.slug)


@require_POST
@for_assistant_managers
def settle_case(request: HttpRequest, viewer: Viewer, case_id: int) -> HttpResponse:
    """Approve a case, take it out, or put it back."""
    row = case_row(viewer, case_id)
    what = request.POST.get("do", "")
    if what == "approve":
        if not approve(row, by=viewer.user_id):
            messages.info(request, f"“{row.key}” is not proposed any more: somebody has been here before you.")
    elif what == "remove":
        if remove(row):
            return back_to_set(request, row.dataset.slug, removed=row.pk)
        messages.info(request, f"“{row.key}” was out of the set already, or has been changed meanwhile.")
    elif what == "restore":
        if restore(row):
            messages.success(request, f"“{row.key}” is back in the set.")
    else:
        raise BadRequest("approve, remove or restore")
    return back_to_set(request, row.dataset.slug)


@require_POST
@for_assistant_managers
def settle_cases(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Approve, or turn down, the proposed cases of a set that were ticked."""
    found, what = set_of(viewer, slug), request.POST.get("do", "")
    if what not in {"approve", "remove"}:
        raise BadRequest("approve or remove")
    ticked = [one for one in request.POST.getlist("case") if one.isdecimal() and len(one) < 19]
    proposed = CaseRevision.objects.visible_to(viewer).filter(dataset=found, state=State.PROPOSED, pk__in=ticked)
    done = sum(approve(row, by=viewer.user_id) if what == "approve" else remove(row) for row in proposed)
    if done:
        said = "approved" if what == "approve" else "turned down"
        messages.success(request, f"{done} {'case is' if done == 1 else 'cases are'} {said}.")
    else:
        messages.info(request, "No case that still waits was ticked.")
    return back_to_set(request, found.slug)


def case_row(viewer: Viewer, case_id: int) -> CaseRevision:
    """The revision of that number. Raises Http404."""
    rows = CaseRevision.objects.visible_to(viewer).select_related("dataset", "document", "created_by", "approved_by")
    return get_object_or_404(rows, pk=case_id)


def _form(
    request: HttpRequest, row: CaseRevision, editor: CaseEditor, *, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    context = {"row": row, "dataset": row.dataset, "editor": editor, "steps": revisions_of(row), **more}
    return render(request, "evals/edit_case.html", context, status=status)


def _conflict(request: HttpRequest, row: CaseRevision, editor: CaseEditor) -> HttpResponse:
    """The form as it was sent, with what somebody else has saved meanwhile. Saving again makes a revision after it."""
    latest = _latest(row)
    more = {"conflict": differences(latest.case, editor.case), "theirs": latest}
    return _form(request, latest, editor, status=HTTPStatus.CONFLICT, **more)


def _latest(row: CaseRevision) -> CaseRevision:
    rows = CaseRevision.objects.select_related("dataset", "document", "created_by", "approved_by")
    return rows.get(dataset_id=row.dataset_id, key=row.key, is_latest=True)


def _status(request: HttpRequest) -> HTTPStatus:
    return HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK
