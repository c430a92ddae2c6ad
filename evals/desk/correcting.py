"""The page on which a person of staff writes the answer that a reply should have been."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.models import Reply
from evals.desk.doors import for_staff
from evals.distillation.correcting import LONGEST, SOURCE, correct
from evals.distillation.options import Refused
from evals.models import TrainingQuestion
from evals.online.turns import answer_of
from knowledge.access import Viewer


@never_cache
@require_http_methods(["GET", "POST"])
@for_staff
def correct_reply(request: HttpRequest, viewer: Viewer, reply_id: uuid.UUID) -> HttpResponse:
    """The reply with its sources beside the words that should have stood there."""
    ended = Reply.objects.visible_at_desk(viewer).exclude(status=Reply.Status.STREAMING)
    reply = get_object_or_404(ended.select_related("question"), pk=reply_id)
    answer, before = answer_of(reply), _before(viewer, reply)
    text, problem = (before.answer["text"] if before else answer.text), ""
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            kept = correct(viewer, reply, text)
        except Refused as reason:
            problem = str(reason)
        else:
            approved = kept.state == TrainingQuestion.State.APPROVED
            messages.success(request, "Your answer is kept." if approved else "Your answer waits for a manager's word.")
            return redirect("receipt", reply.pk)
    context = {
        "reply": reply,
        "answer": answer,
        "sources": [source for source in answer.passages if source.number],
        "before": before,
        "text": text,
        "problem": problem,
        "longest": LONGEST,
    }
    status = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return render(request, "evals/correct_reply.html", context, status=status)


def _before(viewer: Viewer, reply: Reply) -> TrainingQuestion | None:
    """What somebody has written in its place already."""
    rows = TrainingQuestion.objects.visible_to(viewer).filter(reply=reply, source=SOURCE)
    return rows.exclude(state=TrainingQuestion.State.DROPPED).first()
