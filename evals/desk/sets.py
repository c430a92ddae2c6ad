"""The pages of the sets: the list, one set with its cases and versions, what it is for, freezing, export."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evals.datasets.changes import changes_of, not_frozen_yet
from evals.datasets.files import FORMATS, as_file
from evals.datasets.listing import listed_cases, listed_sets, tags_and_languages
from evals.datasets.sets import Refused, cases_at
from evals.datasets.sets import freeze as freeze_set
from evals.desk.doors import for_assistant_managers, for_staff
from evals.desk.set_forms import CasesFilter, DatasetForm
from evals.models import CaseRevision, Dataset
from knowledge.access import Viewer

A_PAGE = 25
VERSIONS_SHOWN = 10


@never_cache
@require_safe
@for_staff
def datasets(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All sets, with how the last run of each came out."""
    page = Paginator(listed_sets(viewer), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "evals/datasets.html", {"page": page, "may_change": viewer.can_manage_assistant})


@never_cache
@require_safe
@for_staff
def dataset(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """One set: its cases, those first that wait for approval, and its versions."""
    found = set_of(viewer, slug)
    tags, languages = tags_and_languages(found)
    data = request.GET.copy()
    data.setdefault("state", "present")
    chosen = CasesFilter(data, tags=tags, languages=languages)
    query = chosen.chosen()
    page = Paginator(listed_cases(found, query), A_PAGE).get_page(request.GET.get("page"))
    removed = request.GET.get("removed", "")
    rows = CaseRevision.objects.visible_to(viewer).filter(dataset=found)
    waiting = rows.present().filter(state=CaseRevision.State.PROPOSED)
    taken_out = rows.filter(state=CaseRevision.State.REMOVED)
    versions = found.versions.select_related("created_by")[:VERSIONS_SHOWN]
    context = {
        "dataset": found,
        "page": page,
        "filter": chosen,
        "is_filtered": bool(query),
        "query": urlencode(query),
        "proposed": waiting.count(),
        "removed": taken_out.filter(pk=removed).first() if removed.isdecimal() and len(removed) < 19 else None,
        "versions": [(version, changes_of(version)) for version in versions],
        "pending": not_frozen_yet(found),
        "may_change": viewer.can_manage_assistant,
    }
    return render(request, "evals/dataset.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def new_dataset(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A set without cases."""
    form = DatasetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.save(by=viewer.user_id)
        messages.success(request, f"The set “{made}” is there. Now add cases to it.")
        return redirect("dataset", made.slug)
    return render(request, "evals/new_dataset.html", {"form": form}, status=_status(request))


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def edit_dataset(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """What a set is for, and what it decides."""
    found = set_of(viewer, slug)
    form = DatasetForm(request.POST or None, dataset=found)
    if request.method == "POST" and form.is_valid():
        form.save(by=viewer.user_id)
        messages.success(request, "The set is saved.")
        return redirect("dataset", found.slug)
    return render(request, "evals/edit_dataset.html", {"form": form, "dataset": found}, status=_status(request))


@require_POST
@for_assistant_managers
def freeze_dataset(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """A version of what is approved now."""
    found = set_of(viewer, slug)
    try:
        before = found.versions.count()
        version = freeze_set(found, by=viewer.user_id, note=request.POST.get("note", "").replace("\0", "").strip())
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        words = "is frozen" if found.versions.count() > before else "says the same already: nothing was frozen"
        messages.success(request, f"Version {version.number} with {version.size} cases {words}.")
    return redirect(reverse("dataset", args=[found.slug]) + "#versions")


@never_cache
@require_safe
@for_staff
def export_dataset(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """The approved cases as a file, `?format=` jsonl or csv, or those of `?version=`."""
    found = set_of(viewer, slug)
    form, which = request.GET.get("format", "jsonl"), request.GET.get("version", "")
    if form not in FORMATS or (which and not (which.isdecimal() and len(which) < 10)):
        raise Http404
    try:
        rows = cases_at(found, int(which) if which else None)
    except Refused:
        raise Http404 from None
    name = f"{found.slug}-v{which}.{form}" if which else f"{found.slug}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    data = as_file([row.case for row in rows], form)
    return HttpResponse(data, content_type=f"{FORMATS[form]}; charset=utf-8", headers=headers)


def set_of(viewer: Viewer, slug: str) -> Dataset:
    """The set of that address. Raises Http404."""
    return get_object_or_404(Dataset.objects.visible_to(viewer), slug=slug)


def back_to_set(request: HttpRequest, slug: str, **more: object) -> HttpResponse:
    """To the page of the set, as it was filtered when the button on it was pressed."""
    query = dict(parse_qsl(request.POST.get("query", "")[:1_000])) | more
    return redirect(f"{reverse('dataset', args=[slug])}?{urlencode(query)}")


def _status(request: HttpRequest) -> HTTPStatus:
    return HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK
