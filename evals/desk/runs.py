"""The list of runs."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evals.desk.doors import for_staff
from evals.models import Run
from knowledge.access import Viewer

A_PAGE = 25


@never_cache
@require_safe
@for_staff
def evals(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All runs, the latest first."""
    page = Paginator(Run.objects.visible_to(viewer), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "evals/evals.html", {"page": page})
