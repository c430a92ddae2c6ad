"""The page of the questions that the strong model wrote: have some written, and settle them one after the other."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from evals.desk.answers import rendered
from evals.desk.doors import for_assistant_managers
from evals.desk.questions_shown import Shown, shown_order, words_on
from evals.desk.training_forms import FromDocumentsForm, FromUnansweredForm
from evals.distillation import ordering, settling
from evals.distillation.options import Refused
from evals.models import QuestionOrder, TrainingQuestion
from evals.tasks import enqueue_questions
from knowledge.access import Viewer

A_PAGE = 25
ORDERS = 10
DIGITS = 18
LAST_WORD = "training_last_word"  # in the session
State = TrainingQuestion.State
STATES = {
    State.PROPOSED: "Proposed",
    State.APPROVED: "Approved",
    State.DROPPED: "Dropped",
    State.WAITING: "Not answered yet",
}


@never_cache
@require_safe
@for_assistant_managers
def training_questions(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Questions of a `?state=`, and of the proposed ones the one to settle now (`?one=`)."""
    return _page(request, viewer)


@require_POST
@for_assistant_managers
def write_training_questions(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """`do`: have some written from `document` or `unanswered`, which costs money; or `stop` or `resume` an `order`."""
    match request.POST.get("do", ""):
        case "document":
            return _order_from_documents(request, viewer)
        case "unanswered":
            return _order_from_unanswered(request, viewer)
        case "stop" | "resume" as do:
            return _steer(request, viewer, do)
    raise BadRequest("questions are written from documents or from what was not answered; or an order is steered")


@require_POST
@for_assistant_managers
def settle_training_question(request: HttpRequest, viewer: Viewer, question_id: int) -> HttpResponse:
    """`do`: approve, drop, correct (with `text`), reopen; or undo, which takes back one's last word."""
    row = get_object_or_404(TrainingQuestion.objects.visible_to(viewer), pk=question_id)
    do = request.POST.get("do", "")
    try:
        done = _settle(request, viewer, row, do)
    except Refused as why:
        messages.warning(request, str(why))
        return redirect(_address(one=row.pk, state=row.state))
    if do in {"reopen", "undo"}:
        return redirect(_address(one=done.pk))
    request.session[LAST_WORD] = done.pk
    after = request.POST.get("after", "")
    return redirect(_address(one=after) if after.isdecimal() and len(after) < DIGITS else _address())


def _settle(request: HttpRequest, viewer: Viewer, row: TrainingQuestion, do: str) -> TrainingQuestion:
    match do:
        case "approve":
            return settling.approve(row.pk, by=viewer.user_id)
        case "drop":
            return settling.drop(row.pk, reason=request.POST.get("reason", ""))
        case "correct":
            return settling.correct(row.pk, request.POST.get("text", ""), by=viewer.user_id)
        case "reopen":
            return settling.reopen(row.pk)
        case "undo":
            last = TrainingQuestion.objects.visible_to(viewer).filter(pk=request.session.pop(LAST_WORD, 0)).first()
            if last is None:
                raise Refused("There is no word of yours to take back.")
            return settling.reopen(last.pk)
    raise BadRequest("a question is approved, dropped, corrected or proposed again")


def _order_from_documents(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    form = FromDocumentsForm(viewer, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        budget, by = said["budget"], viewer.user_id
        try:
            order = ordering.from_documents(
                said["documents"], wanted=said["wanted"], languages=said["languages"], budget=budget, by=by
            )
        except Refused as why:
            form.add_error("documents", str(why))
        else:
            return _begun(request, order)
    return _page(request, viewer, documents=form, status=HTTPStatus.BAD_REQUEST)


def _order_from_unanswered(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    form = FromUnansweredForm(request.POST, prefix="unanswered")
    if form.is_valid():
        try:
            order = ordering.from_unanswered(**form.cleaned_data, by=viewer.user_id)
        except Refused as why:
            form.add_error("days", str(why))
        else:
            return _begun(request, order)
    return _page(request, viewer, unanswered=form, status=HTTPStatus.BAD_REQUEST)


def _begun(request: HttpRequest, order: QuestionOrder) -> HttpResponse:
    transaction.on_commit(partial(enqueue_questions, order.pk))
    messages.success(request, "The questions are being written. Each appears here once it is answered and graded.")
    return redirect(reverse("training_questions") + "#orders")


def _steer(request: HttpRequest, viewer: Viewer, do: str) -> HttpResponse:
    which = request.POST.get("order", "")
    pk = int(which) if which.isdecimal() and len(which) < DIGITS else 0
    order = get_object_or_404(QuestionOrder.objects.visible_to(viewer), pk=pk)
    if do == "stop":
        done, words = ordering.stop(order), "It is stopped. What is in flight ends and is kept."
    else:
        budget = _budget(order)
        done, words = ordering.resume(order, budget=budget), "It goes on with what is missing."
        transaction.on_commit(partial(enqueue_questions, order.pk))
    if done:
        messages.success(request, words)
    else:
        messages.warning(
            request, "It has ended already." if do == "stop" else "It is under way, or there is nothing left."
        )
    return redirect(reverse("training_questions") + "#orders")


def _budget(order: QuestionOrder) -> int | None:
    """Microdollars in all: one that is spent is given as much once more."""
    if order.state != QuestionOrder.State.OVER_BUDGET:
        return None
    return order.spent_microdollars + (order.budget_microdollars or 0)


def _page(
    request: HttpRequest,
    viewer: Viewer,
    *,
    documents: FromDocumentsForm | None = None,
    unanswered: FromUnansweredForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    rows = TrainingQuestion.objects.visible_to(viewer)
    counts = dict(rows.values_list("state").annotate(count=Count("pk")).order_by())
    state = request.GET.get("state", State.PROPOSED)
    state = state if state in STATES else State.PROPOSED
    listed = rows.filter(state=state).select_related("document", "approved_by", "order")
    orders = list(QuestionOrder.objects.visible_to(viewer)[:ORDERS])
    context = {
        "filters": [(key, label, counts.get(key, 0)) for key, label in STATES.items()],
        "state": state,
        "query": urlencode({"state": state}),
        "page": Paginator(listed, A_PAGE).get_page(request.GET.get("page")),
        "shown": _shown(request, viewer, state),
        "orders": [shown_order(one) for one in orders],
        "is_under_way": any(one.is_open for one in orders),
        "documents_form": documents or FromDocumentsForm(viewer),
        "unanswered_form": unanswered or FromUnansweredForm(prefix="unanswered"),
        "is_ordering": bool(documents or unanswered) or not counts,
        "can_undo": LAST_WORD in request.session,
        "here": "training",
    }
    return render(request, "evals/training_questions.html", context, status=status)


def _shown(request: HttpRequest, viewer: Viewer, state: str) -> Shown | None:
    """The question that was asked for, or the first proposed one, with those before and after it."""
    rows = TrainingQuestion.objects.visible_to(viewer).select_related("document", "approved_by", "order")
    which = request.GET.get("one", "")
    row = rows.filter(pk=int(which)).first() if which.isdecimal() and len(which) < DIGITS else None
    if row is None and state == State.PROPOSED:
        row = rows.filter(state=State.PROPOSED).order_by("pk").first()
    if row is None:
        return None
    others = TrainingQuestion.objects.visible_to(viewer).filter(state=State.PROPOSED)
    ids = others.values_list("pk", flat=True)
    blocks = rendered(row.reading.text, str(row.pk))
    after = ids.filter(pk__gt=row.pk).order_by("pk").first() or ids.exclude(pk=row.pk).order_by("pk").first()
    before = ids.filter(pk__lt=row.pk).order_by("-pk").first()
    return Shown(row, tuple(blocks), words_on(row), others.count(), before, after)


def _address(**query: str | int) -> str:
    return f"{reverse('training_questions')}{'?' if query else ''}{urlencode(query)}#one"
