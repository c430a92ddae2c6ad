"""The pages of teaching: what could be taught today, the sets with what is in them, and sets as files."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from evals.desk.doors import for_assistant_managers
from evals.desk.training_card import base_for, progress_of, shown_card
from evals.desk.training_forms import TrainingSetForm
from evals.desk.training_lines import spoken
from evals.distillation import building
from evals.distillation.counting import stock_of
from evals.distillation.files import lines_of
from evals.distillation.jobs import problem_of
from evals.distillation.options import Options, Refused
from evals.models import QuestionOrder, TrainingExample, TrainingJob, TrainingQuestion, TrainingSet, TunedModel
from evals.reviewing.words import rubrics
from evals.tasks import enqueue_training_set
from knowledge.access import Viewer

A_PAGE = 10
LISTED = 20
Part, State = TrainingExample.Part, TrainingSet.State


@never_cache
@require_safe
@for_assistant_managers
def training(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The whole way on one page. What could be taught today takes a while: the page asks for it by `?part=today`."""
    if request.GET.get("part") == "today":
        template = "evals/_training_today.html" if request.headers.get("HX-Request") else "evals/training_today.html"
        return render(request, template, {"stocks": _stocks(), "here": "training"})
    sets = TrainingSet.objects.visible_to(viewer).select_related("created_by")
    jobs = TrainingJob.objects.visible_to(viewer).select_related("training_set", "tuned")
    questions = TrainingQuestion.objects.visible_to(viewer)
    context = {
        "sets": sets.annotate(lines=Count("examples"))[:LISTED],
        "jobs": jobs[:LISTED],
        "models": TunedModel.objects.visible_to(viewer).select_related("training_set")[:LISTED],
        "questions": dict(questions.values_list("state").annotate(count=Count("pk")).order_by()),
        "is_writing": QuestionOrder.objects.visible_to(viewer).open().exists(),
        "here": "training",
    }
    return render(request, "evals/training.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def new_training_set(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What a set is to be made of; `do=preview` counts what there is for it, `do=build` has it built."""
    data = request.POST if request.method == "POST" else None
    form = TrainingSetForm(data, initial={"kind": request.GET.get("kind", ""), "grader": request.GET.get("grader", "")})
    stock, status = None, HTTPStatus.OK
    if data is not None and not form.is_valid():
        status = HTTPStatus.BAD_REQUEST
    elif data is not None and data.get("do") == "preview":
        stock = stock_of(form.cleaned_data["kind"], form.options, form.judge)
    elif data is not None:
        if made := _start(form, viewer):
            messages.success(request, "It is being built. It does not change any more once it is ready.")
            return redirect("training_set", made.pk)
        status = HTTPStatus.BAD_REQUEST
    context = {"form": form, "stock": stock, "here": "training"}
    return render(request, "evals/new_training_set.html", context, status=status)


@never_cache
@require_safe
@for_assistant_managers
def training_set(request: HttpRequest, viewer: Viewer, set_id: int) -> HttpResponse:
    """One set: how far it is, its card, and its lines, those of a `?show=` part or all.

    Who has watched it being built (`?was=open`) is told to load the page again once it is there.
    """
    found = set_of(viewer, set_id)
    show = request.GET.get("show", "")
    show = show if show in Part.values else ""
    examples = TrainingExample.objects.visible_to(viewer).filter(training_set=found)
    page = Paginator(examples.filter(Q(part=show) if show else Q()), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "set": found,
        "is_open": found.state in {State.WAITING, State.BUILDING},
        "card": shown_card(found),
        "progress": progress_of(found),
        "counts": dict(examples.values_list("part").annotate(count=Count("pk")).order_by()),
        "show": show,
        "query": urlencode({"show": show}) if show else "",
        "page": page,
        "lines": [(one, spoken(one.line)) for one in page],
        "why_no_job": problem_of(found, base_for(found)),
        "jobs": TrainingJob.objects.visible_to(viewer).filter(training_set=found).select_related("tuned"),
        "models": TunedModel.objects.visible_to(viewer).filter(training_set=found),
        "here": "training",
    }
    answer = render(request, "evals/training_set.html", context)
    if request.GET.get("was") == "open" and not context["is_open"]:
        answer["HX-Refresh"] = "true"
    return answer


@never_cache
@require_safe
@for_assistant_managers
def export_training_set(
    _request: HttpRequest, viewer: Viewer, set_id: int, part: str
) -> HttpResponse | StreamingHttpResponse:
    """The `train` or `validation` lines as the provider takes them, or the `card`."""
    found = set_of(viewer, set_id)
    if found.state != State.READY or part not in {*Part.values, "card"}:
        raise Http404
    name = f"training-{found.pk}-{part}.{'json' if part == 'card' else 'jsonl'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    if part == "card":
        text = json.dumps(found.card | {"hash": found.hash}, ensure_ascii=False, indent=2, sort_keys=True)
        return HttpResponse(text + "\n", content_type="application/json; charset=utf-8", headers=headers)
    return StreamingHttpResponse(lines_of(found, part), content_type="application/jsonl", headers=headers)


def set_of(viewer: Viewer, set_id: int) -> TrainingSet:
    """The set of that address. Raises Http404."""
    return get_object_or_404(TrainingSet.objects.visible_to(viewer).select_related("created_by"), pk=set_id)


def _start(form: TrainingSetForm, viewer: Viewer) -> TrainingSet | None:
    """The set, given to a worker; None, and the reason on the form, where it cannot be."""
    said = form.cleaned_data
    try:
        made = building.start(
            said["kind"], name=said["name"], grader=form.judge, options=form.options, by=viewer.user_id
        )
    except Refused as why:
        form.add_error(None, str(why))
        return None
    transaction.on_commit(partial(enqueue_training_set, made.pk))
    return made


def _stocks() -> list[dict[str, Any]]:
    """By what could be taught: answers, preferences, and each judge by whose rubric people grade."""
    options, kinds = Options(), TrainingSet.Kind
    rows: list[dict[str, Any]] = [
        {"kind": kind.value, "grader": "", "label": kind.label, "stock": stock_of(kind, options)}
        for kind in (kinds.ANSWERS, kinds.PREFERENCES)
    ]
    for name, judge in rubrics().items():
        if judge.kind == "judge":
            stock = stock_of(kinds.JUDGE, options, name)
            rows.append({"kind": kinds.JUDGE.value, "grader": name, "label": f"Judge: {judge.title}", "stock": stock})
    return rows
