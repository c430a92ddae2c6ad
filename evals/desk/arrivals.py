"""The pages through which cases come into a set: from a file, from a document, from a real turn."""

from __future__ import annotations

import uuid
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.models import Reply
from evals.datasets.files import Reading, Unreadable, read
from evals.datasets.from_replies import Suggestion, likely_set, suggestion_from
from evals.datasets.generating import order
from evals.datasets.likeness import COMPARED, cases_like
from evals.datasets.sets import Refused, add_all, add_new, compared, keep
from evals.datasets.shapes import MEANINGS
from evals.datasets.waiting import kept_file, put_aside, take_away
from evals.datasets.writing import DROPPED
from evals.desk.case_forms import CaseEditor
from evals.desk.doors import for_assistant_managers, for_staff
from evals.desk.set_forms import CasesFileForm, ChooseSetForm, GenerateForm
from evals.desk.sets import set_of
from evals.models import CaseRevision, Dataset, Generation
from evals.tasks import enqueue_cases
from knowledge.access import Viewer

GENERATIONS_SHOWN = 10
SHOWN = 10  # cases of a file, before it is taken


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def import_cases(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """A file of cases: first what it would bring, then, after a click, all of it or nothing."""
    found = set_of(viewer, slug)
    if request.method == "GET":
        return _import_page(request, found, CasesFileForm())
    if token := request.POST.get("token", ""):
        return _take_file(request, viewer, found, token)
    form = CasesFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, found, form, status=HTTPStatus.BAD_REQUEST)
    file = form.cleaned_data["file"]
    data = file.read()
    return _preview(request, found, data, put_aside(data, viewer, found))


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def generate_cases(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Have cases written from a document, in the background."""
    found = set_of(viewer, slug)
    form = GenerateForm(viewer, request.POST if request.method == "POST" else None)
    status = HTTPStatus.OK
    if request.method == "POST":
        if form.is_valid() and _order(form, found, viewer):
            return redirect("generate_cases", found.slug)
        status = HTTPStatus.BAD_REQUEST
    generations = Generation.objects.visible_to(viewer).filter(dataset=found).select_related("document")
    shown = list(generations[:GENERATIONS_SHOWN])
    context = {
        "dataset": found,
        "form": form,
        "generations": [(one, _reasons(one)) for one in shown],
        "is_under_way": any(one.is_under_way for one in shown),
    }
    return render(request, "evals/generate_cases.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@for_staff
def case_from_reply(request: HttpRequest, viewer: Viewer, reply_id: uuid.UUID) -> HttpResponse:
    """A case from a real turn, with personal data masked. Who manages the assistant adds it, others propose it."""
    ended = Reply.objects.visible_at_desk(viewer).exclude(status=Reply.Status.STREAMING)
    reply = get_object_or_404(ended.select_related("question__conversation__customer"), pk=reply_id)
    suggestion = suggestion_from(reply)
    data = request.POST if request.method == "POST" else None
    choose = ChooseSetForm(viewer, data, initial={"dataset": likely_set(viewer)})
    editor = CaseEditor(suggestion.case, data, key=suggestion.case.id)
    if data is not None and all([choose.is_valid(), editor.is_valid()]):
        return _keep_turn(request, viewer, reply, choose, editor)
    return _turn_page(request, viewer, reply, suggestion, choose, editor)


def _keep_turn(
    request: HttpRequest, viewer: Viewer, reply: Reply, choose: ChooseSetForm, editor: CaseEditor
) -> HttpResponse:
    """Who may change sets adds the case, or a revision of it. Who may not proposes one that is not there yet."""
    dataset = choose.chosen(by=viewer.user_id)
    more: dict[str, Any] = {
        "origin": CaseRevision.Origin.REPLY,
        "by": viewer.user_id,
        "note": editor.note,
        "reply": reply,
    }
    if viewer.can_manage_assistant:
        keep(dataset, editor.case, **more)
        messages.success(request, f"“{editor.case.id}” is in the set.")
    elif add_new(dataset, editor.case, state=CaseRevision.State.PROPOSED, **more):
        messages.success(request, f"“{editor.case.id}” is proposed. It counts once a manager has approved it.")
    else:
        messages.info(request, f"“{editor.case.id}” is in this set already. A manager can change it.")
    return redirect("dataset", dataset.slug)


def _turn_page(
    request: HttpRequest,
    viewer: Viewer,
    reply: Reply,
    suggestion: Suggestion,
    choose: ChooseSetForm,
    editor: CaseEditor,
) -> HttpResponse:
    rows = CaseRevision.objects.present().visible_to(viewer).select_related("dataset")
    made = list(rows.filter(reply=reply))
    others = list(rows.exclude(reply=reply).order_by("-pk")[:COMPARED])
    context = {
        "reply": reply,
        "suggestion": suggestion,
        "choose": choose,
        "editor": editor,
        "made": made,
        "alike": cases_like(suggestion.case.question, others)[:5],
        "may_change": viewer.can_manage_assistant,
    }
    status = HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK
    return render(request, "evals/case_from_reply.html", context, status=status)


def _order(form: GenerateForm, dataset: Dataset, viewer: Viewer) -> bool:
    """Have the cases written, or say beside the field why not."""
    said = form.cleaned_data
    try:
        generation = order(
            dataset, said["document"], wanted=said["wanted"], languages=said["languages"], by=viewer.user_id
        )
    except Refused as reason:
        form.add_error("document", str(reason))
        return False
    transaction.on_commit(partial(enqueue_cases, generation.pk))
    return True


def _reasons(generation: Generation) -> list[str]:
    """Why cases were not kept, in words."""
    return [f"{count}: {DROPPED[why]}" for why, count in generation.dropped.items() if why in DROPPED and count]


def _take_file(request: HttpRequest, viewer: Viewer, dataset: Dataset, token: str) -> HttpResponse:
    """The file that was looked at: kept, or shown again with other meanings of its columns."""
    data = kept_file(token, viewer, dataset)
    if data is None:
        messages.error(request, "The file is not here any more. Choose it once more.")
        return redirect("import_cases", dataset.slug)
    meanings = _meanings(request)
    if "keep" not in request.POST:
        return _preview(request, dataset, data, token, meanings)
    try:
        count = add_all(dataset, read(data, meanings).cases, origin=CaseRevision.Origin.IMPORTED, by=viewer.user_id)
    except Unreadable:
        return _preview(request, dataset, data, token, meanings)
    take_away(token, viewer, dataset)
    messages.success(request, f"{count} cases are new or changed. Freeze a version when they are all there.")
    return redirect("dataset", dataset.slug)


def _meanings(request: HttpRequest) -> dict[str, str]:
    """What each column was said to be: `column` and `meaning` come in pairs."""
    pairs = zip(request.POST.getlist("column"), request.POST.getlist("meaning"), strict=False)
    return {column: meaning for column, meaning in pairs if meaning in MEANINGS}


def _preview(
    request: HttpRequest, dataset: Dataset, data: bytes, token: str, meanings: dict[str, str] | None = None
) -> HttpResponse:
    try:
        reading = read(data, meanings)
    except Unreadable as error:
        more = {"problems": error.problems, "meanings": meanings, "token": token}
        return _import_page(request, dataset, CasesFileForm(), status=HTTPStatus.BAD_REQUEST, **more)
    return _import_page(request, dataset, CasesFileForm(), **_shown(dataset, reading), token=token)


def _shown(dataset: Dataset, reading: Reading) -> dict[str, Any]:
    arrival = compared(dataset, reading.cases)
    return {"arrival": arrival, "shown": arrival.to_keep[:SHOWN], "meanings": reading.meanings}


def _import_page(
    request: HttpRequest, dataset: Dataset, form: CasesFileForm, *, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    context = {"dataset": dataset, "form": form, "all_meanings": MEANINGS, **more}
    return render(request, "evals/import_cases.html", context, status=status)
