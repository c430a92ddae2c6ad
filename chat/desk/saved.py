"""The pages on saved answers: what they spared, how often they were wrong, and each of them with its sources."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat.answer_cache.acceptance import FEWEST
from chat.answer_cache.figures import figures_of, learned_so_far, misses_by_reason
from chat.answer_cache.settling import DEEDS, NotPossible, settle
from chat.desk.doors import for_assistant_managers, live_row
from chat.models import SavedAnswer, SavedAnswerQuerySet
from chat.versions.states import version_of
from knowledge.access import Viewer

A_PAGE = 25
WEEK, MONTH = 7, 30  # days
SHOWN_QUESTIONS = 50
State = SavedAnswer.State
FILTERS: dict[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "served": ("Served", Q(state=State.SERVED, stands=True)),
    "waiting": ("Waiting", Q(state=State.WAITING, stands=True)),
    "quarantined": ("In quarantine", Q(state=State.QUARANTINED)),
    "ended": ("Ended", Q(stands=False) & ~Q(state=State.QUARANTINED)),
}


@never_cache
@require_GET
@for_assistant_managers
def saved_answers(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The figures of a week and a month, and the answers as filtered by `?show=`."""
    which = request.GET.get("show", "all")
    if which not in FILTERS:
        raise BadRequest(f"no such filter: {which}")
    rows = _rows(viewer)
    counts = rows.aggregate(**{key: Count("pk", filter=wanted) for key, (_, wanted) in FILTERS.items()})
    shown = rows.filter(FILTERS[which][1]).annotate(asked=Count("questions")).order_by("-created_at", "pk")
    live = live_row(viewer)
    context = {
        "page": Paginator(shown.prefetch_related("sources__document"), A_PAGE).get_page(request.GET.get("page")),
        "which": which,
        "query": urlencode({"show": which}),
        "filters": [(key, label, counts[key]) for key, (label, _) in FILTERS.items()],
        "live": live,
        "policy": version_of(live).assistant.saved_answers,
        "is_off": settings.CHAT_SAVED_ANSWERS_OFF,
        "figures": [figures_of(WEEK), figures_of(MONTH)],
        "misses": misses_by_reason(MONTH),
        "learned": learned_so_far(),
        "fewest": FEWEST,
    }
    return render(request, "chat/saved_answers.html", context)


@never_cache
@require_GET
@for_assistant_managers
def saved_answer(request: HttpRequest, viewer: Viewer, answer_id: uuid.UUID) -> HttpResponse:
    """One answer: its words, what it rests on, who asked for it, and what can be done with it."""
    saved = get_object_or_404(_rows(viewer).select_related("approved_by"), pk=answer_id)
    questions = saved.questions.order_by().values("text").annotate(askers=Count("asker", distinct=True))
    context: dict[str, Any] = {
        "saved": saved,
        "sources": saved.sources.select_related("document", "version", "chunk"),
        "questions": questions.order_by("-askers", "text")[:SHOWN_QUESTIONS],
        "lookups": saved.lookups.all()[:A_PAGE],
    }
    return render(request, "chat/saved_answer.html", context)


@require_POST
@for_assistant_managers
def settle_saved_answer(request: HttpRequest, viewer: Viewer, answer_id: uuid.UUID) -> HttpResponse:
    """Approve, quarantine, release, pin or unpin an answer, as `do` says."""
    saved = get_object_or_404(SavedAnswer.objects.visible_to(viewer), pk=answer_id)
    do = request.POST.get("do", "")
    if do not in DEEDS:
        raise BadRequest("no such deed")
    try:
        messages.success(request, settle(saved.pk, do, by=request.user.pk, name=request.user.get_username()))
    except NotPossible as problem:
        messages.error(request, str(problem))
    return redirect("saved_answer", answer_id)


def _rows(viewer: Viewer) -> SavedAnswerQuerySet:
    """Each with `stands`: whether it holds today, by its time and its sources."""
    standing = SavedAnswer.objects.fresh().filter(pk=OuterRef("pk"))
    return SavedAnswer.objects.visible_to(viewer).annotate(stands=Exists(standing))
