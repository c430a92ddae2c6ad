"""The pages on the choice of a model: what it costs in quality and spares in money, and each compared question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from chat.desk.doors import live_row
from chat.models import Reply, Route
from chat.versions.states import version_of
from evals.datasets.tables import MARK, line_of
from evals.desk.choice_chart import Row, chart_of, points_of, table_of
from evals.desk.doors import for_assistant_managers
from evals.desk.route_sides import sides_of, signs_of
from evals.routing import saying
from evals.routing.exporting import COLUMNS, rows_of
from evals.routing.figures import (
    MONTH,
    WEEK,
    figures_by_version,
    figures_of_days,
    held_back_by_reason,
    rules_that_spoke,
)
from evals.routing.judging import spent_today
from evals.routing.pairs import FILTERS, both_answered, both_readable, with_words
from evals.routing.proposing import DAYS, FEWEST_TO_TELL, draft_with, is_on, outlook
from knowledge.access import Viewer
from llm.database import in_database

A_PAGE = 25
ROWS_AT_ONCE = 100


@never_cache
@require_safe
@for_assistant_managers
def model_choice(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The figures, the frontier with what it proposes, and the compared questions as filtered by `?show=`."""
    which = _which(request)
    routes, live = Route.objects.visible_to(viewer), live_row(viewer)
    policy, pairs = version_of(live).assistant.model_choice, _pairs(routes)
    counts = pairs.aggregate(**{key: Count("pk", filter=wanted) for key, (_, wanted) in FILTERS.items()})
    shown = pairs.filter(FILTERS[which][1]).order_by("-created_at", "pk").defer("strong", "signals")
    lately, seen = routes.filter(created_at__gte=timezone.now() - timedelta(days=MONTH)), outlook(routes)
    context = {
        "live": live,
        "policy": policy,
        "is_on": is_on(policy),
        "has_routes": routes.exists(),
        "figures": [Row(f"The last {days} days", figures_of_days(routes, days)) for days in (WEEK, MONTH)],
        "versions": [Row(str(one), figures, one) for one, figures in figures_by_version(routes, MONTH)],
        "outlook": seen,
        "margin": 100 * seen.margin,
        "live_lost": points_of(seen.live.regret) if seen.live else None,
        "proposed_lost": points_of(seen.proposed.regret) if seen.proposed else None,
        "chart": chart_of(seen),
        "table": table_of(seen),
        "held_back": held_back_by_reason(lately),
        "rules": rules_that_spoke(lately),
        "page": Paginator(shown, A_PAGE).get_page(request.GET.get("page")),
        "next": saying.next_pair(viewer),
        "proposed_small": 100 * seen.proposed.by_small if seen.proposed else None,
        "proposed_spared": 100 * seen.proposed.spared if seen.proposed else None,
        "compared": 100 * policy.compared,
        "which": which,
        "query": urlencode({"show": which}),
        "filters": [(key, label, counts[key]) for key, (label, _) in FILTERS.items()],
        "spent": spent_today(),
        "budget": settings.EVALS_ROUTES_DAILY_USD,
        "days": DAYS,
        "month": MONTH,
        "fewest": FEWEST_TO_TELL,
        "here": "model_choice",
    }
    return render(request, "evals/model_choice.html", context)


@never_cache
@require_safe
@for_assistant_managers
def route(request: HttpRequest, viewer: Viewer, route_id: int) -> HttpResponse:
    """One question: why it went to which model, and both answers, unnamed until this person has said a word."""
    row = _row(viewer, route_id)
    mine = saying.words_of(viewer, row)
    both = both_readable(Route.objects.filter(pk=row.pk)).exists()
    is_told = not both or mine.exists()
    context = {
        "route": row,
        "policy": version_of(row.version).assistant.model_choice if row.version else None,
        "sides": sides_of(row),
        "both": both,
        "is_told": is_told,
        "said": row.verdicts.select_related("person").order_by("-is_current", "-is_human", "-pk") if is_told else (),
        "mine": mine.current().first(),
        "signs": signs_of(row),
        "words": saying.WORDS,
        "has_receipt": Reply.objects.filter(pk=row.reply).exists(),
        "share": 100 * row.share,
        "next": saying.next_pair(viewer, after=row),
        "here": "model_choice",
    }
    return render(request, "evals/route.html", context)


@require_POST
@for_assistant_managers
def settle_route(request: HttpRequest, viewer: Viewer, route_id: int) -> HttpResponse:
    """Keep this person's `word` on the two answers, or take it back (`do=undo`)."""
    row = _row(viewer, route_id)
    if request.POST.get("do") == "undo":
        done = saying.take_back(viewer, row)
        say = messages.success if done else messages.error
        say(request, "Your word is taken back." if done else "There is nothing to take back.")
        return redirect("route", row.pk)
    try:
        saying.say(viewer, row, request.POST.get("word", ""), reason=request.POST.get("reason", ""))
        messages.success(request, "Your word is kept. Now you see which model wrote which answer.")
    except saying.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("route", row.pk)


@require_POST
@for_assistant_managers
def draft_model_choice(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A draft of the live version with this `threshold`, and with `weights=learned` the weights that were learned."""
    try:
        threshold = float(request.POST.get("threshold", ""))
        draft = draft_with(threshold, by=viewer.user_id)
    except ValueError:
        raise BadRequest("a threshold is a number from 0 to 1") from None
    messages.success(request, f"Draft {draft.number} has it. Nothing is live yet: try it, and publish it.")
    return redirect("edit_version", draft.number)


@never_cache
@require_GET
@for_assistant_managers
async def export_routes(request: HttpRequest, viewer: Viewer) -> StreamingHttpResponse:
    """The compared questions as CSV, as filtered by `?show=`."""
    which = _which(request)
    headers = {"Content-Disposition": 'attachment; filename="model-choice.csv"'}
    return StreamingHttpResponse(_table(viewer, which), content_type="text/csv; charset=utf-8", headers=headers)


async def _table(viewer: Viewer, which: str) -> AsyncIterator[bytes]:
    """Begins with the mark by which Excel knows UTF-8. Rows are read in a thread, so that the loop goes on."""
    yield f"{MARK}{line_of(COLUMNS)}".encode()
    rows = rows_of(Route.objects.visible_to(viewer), FILTERS[which][1])
    while some := await in_database(lambda: list(islice(rows, ROWS_AT_ONCE))):
        yield "".join(line_of(row) for row in some).encode()


def _which(request: HttpRequest) -> str:
    which = request.GET.get("show", "all")
    if which not in FILTERS:
        raise BadRequest(f"no such filter: {which[:20]}")
    return which


def _row(viewer: Viewer, route_id: int) -> Route:
    return get_object_or_404(Route.objects.visible_to(viewer).select_related("version"), pk=route_id)


def _pairs(routes: QuerySet[Route]) -> QuerySet[Any]:
    return with_words(both_answered(routes))
