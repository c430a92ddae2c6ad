"""Live traffic: what customers get, day by day, from a share of the real turns."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evals import charts
from evals.desk.doors import for_staff
from evals.models import Result, Run
from evals.online.alerting import sentence
from evals.online.grading import graders, spent_today, without_price
from evals.online.scores import DAYS, LATELY, scores_now
from evals.online.worst import worst_turns
from evals.reviewing.words import rubrics
from knowledge.access import Viewer


@never_cache
@require_safe
@for_staff
def online(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All scores over time, what has changed of late, and the worst turns."""
    traffic = scores_now(Run.objects.visible_to(viewer))
    context = {
        "traffic": traffic,
        "scores": [(score, charts.series(score.points)) for score in traffic.scores],
        "worse": [sentence(score) for score in traffic.worse],
        "days": DAYS,
        "lately": LATELY,
        "worst": worst_turns(Result.objects.visible_to(viewer)),
        "share": settings.EVALS_ONLINE_SHARE,
        "budget": settings.EVALS_ONLINE_DAILY_USD,
        "spent": spent_today(),
        "has_judges": any(one.kind == "judge" for one in graders().values()),
        "without_price": list(without_price()),
        "rubrics": rubrics().values(),
        "here": "online",
    }
    return render(request, "evals/online.html", context)
