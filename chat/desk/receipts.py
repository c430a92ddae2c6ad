"""Staff pages on how replies came about: receipts, replays, and what guardrails stopped or changed."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chat import limits
from chat.addresses import client_address
from chat.errors import FAILURES, Unwelcome
from chat.forms import MarkForm
from chat.models import Finding, Reply
from chat.receipts.findings import DAYS, FILTERS, count_findings, list_findings, mark_wrong, tallies, unmark
from chat.receipts.fingerprints import changes_of
from chat.receipts.replay import NotReplayable
from chat.receipts.replay import replay as run_again
from chat.receipts.waterfall import messages_of, waterfall_of
from chat.visitors import viewer_of
from knowledge.access import Viewer
from llm.database import in_database
from llm.errors import LLMError

A_PAGE = 25


@never_cache
@require_safe
@login_required
def receipt(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """Everything that was done for one reply; the messages too, for those who may read prompts."""
    viewer = viewer_of(request)
    return render(request, "chat/receipt.html", _receipt(_reply(viewer, reply_id), viewer))


@require_POST
@login_required
async def replay(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """Run a reply again and show the difference. It is counted like a question, and nothing of it is kept."""
    viewer = await in_database(viewer_of, request)
    reply = await in_database(_reply, viewer, reply_id)
    outcome: dict[str, Any] = {}
    try:
        await in_database(limits.admit, viewer, client_address(request.META))
        outcome["replayed"] = await run_again(reply)
    except NotReplayable as reason:
        outcome["problem"] = f"This reply cannot be run again. {reason}"
    except Unwelcome as reason:
        outcome["problem"] = str(reason)
    except LLMError as error:
        outcome["problem"] = FAILURES.get(error.code, FAILURES["internal"])
    return await in_database(_replayed, request, viewer, reply, outcome)


@never_cache
@require_safe
@login_required
def findings(request: HttpRequest) -> HttpResponse:
    """What guardrails stopped or changed, page by page, as filtered by `?show=` and `?guardrail=`."""
    viewer = viewer_of(request)
    if not viewer.is_staff:
        raise Http404
    which, guardrail = request.GET.get("show", "all"), request.GET.get("guardrail", "")[:60]
    if which not in FILTERS:
        raise BadRequest(f"no such filter: {which}")
    counts = count_findings(viewer, guardrail)
    context = {
        "page": Paginator(list_findings(viewer, which, guardrail), A_PAGE).get_page(request.GET.get("page")),
        "which": which,
        "guardrail": guardrail,
        "filters": [(key, label, counts[key]) for key, (label, _) in FILTERS.items()],
        "tallies": tallies(viewer),
        "days": DAYS,
        "query": urlencode({"show": which, "guardrail": guardrail}),
    }
    return render(request, "chat/findings.html", context)


@require_POST
@login_required
def mark_finding(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Say that a verdict was wrong, or take it back."""
    viewer = viewer_of(request)
    finding = get_object_or_404(Finding.objects.visible_to(viewer), pk=finding_id)
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise BadRequest("neither wrong nor right; a comment has at most 500 characters")
    if form.cleaned_data["mark"] == "wrong":
        mark_wrong(finding, user_id=viewer.user_id, comment=form.cleaned_data["comment"])
    else:
        unmark(finding)
    if request.headers.get("HX-Request"):
        return render(request, "chat/_mark.html", {"finding": finding, "has_changed": True, "back": ""})
    return redirect("findings") if form.cleaned_data["back"] == "findings" else redirect("receipt", finding.reply_id)


def _reply(viewer: Viewer, reply_id: uuid.UUID) -> Reply:
    ended = Reply.objects.visible_at_desk(viewer).exclude(status=Reply.Status.STREAMING)
    return get_object_or_404(ended.select_related("question", "version"), pk=reply_id)


def _receipt(reply: Reply, viewer: Viewer) -> dict[str, Any]:
    may_read_prompts = viewer.can_manage_assistant
    return {
        "reply": reply,
        "waterfall": waterfall_of(reply),
        "may_read_prompts": may_read_prompts,
        "messages_sent": messages_of(reply) if may_read_prompts else [],
        "number": reply.version.number if reply.version else 0,
        "changes": changes_of(reply.version) if reply.version else [],
    }


def _replayed(request: HttpRequest, viewer: Viewer, reply: Reply, outcome: dict[str, Any]) -> HttpResponse:
    """By itself for htmx, else on the page of the receipt."""
    if request.headers.get("HX-Request"):
        return render(request, "chat/_replayed.html", outcome)
    return render(request, "chat/receipt.html", _receipt(reply, viewer) | outcome)
