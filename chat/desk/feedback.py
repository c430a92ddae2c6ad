"""Staff pages of the chat: the feedback on replies."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from chat.feedback import FILTERS, count_feedback, list_feedback
from chat.visitors import viewer_of

A_PAGE = 25


@require_safe
@login_required
def feedback(request: HttpRequest) -> HttpResponse:
    """All feedback, page by page, as filtered by `?show=`."""
    viewer = viewer_of(request)
    if not viewer.is_staff:
        raise Http404
    which = request.GET.get("show", "all")
    if which not in FILTERS:
        raise BadRequest(f"no such filter: {which}")
    page = Paginator(list_feedback(viewer, which), A_PAGE).get_page(request.GET.get("page"))
    counts = count_feedback(viewer)
    filters = [(key, label, counts[key]) for key, label in FILTERS.items()]
    return render(request, "chat/feedback.html", {"page": page, "which": which, "filters": filters})


@require_safe
@login_required
def feedback_detail(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """One verdict with the question, the whole reply and the passages that it rested on."""
    readable = list_feedback(viewer_of(request)).prefetch_related("reply__sources")
    entry = get_object_or_404(readable, reply_id=reply_id)
    return render(request, "chat/feedback_detail.html", {"entry": entry})
