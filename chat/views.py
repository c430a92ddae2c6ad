"""The pages of the chat. Each fetches what the viewer may see, calls one function, renders."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat import actions, feedback, fragments, turn
from chat.addresses import client_address
from chat.errors import Unwelcome
from chat.forms import AgainForm, AskForm, FeedbackForm
from chat.models import Action, Conversation, Reply, Source, Starter
from chat.receipts.customers import short_receipt
from chat.sources import cited_passage
from chat.visitors import has_ticket, ticket_for, viewer_of
from knowledge.access import Viewer
from llm.database import in_database


@never_cache
@require_GET
def conversation(request: HttpRequest, conversation_id: uuid.UUID | None = None) -> HttpResponse:
    """The chat: a new conversation, or one of the viewer's own."""
    viewer = viewer_of(request)
    own = Conversation.objects.visible_to(viewer)
    found = get_object_or_404(own, pk=conversation_id) if conversation_id else None
    return _page(request, viewer, found, unsent=request.GET.get("q", ""))


@require_POST
async def ask(request: HttpRequest) -> HttpResponse:
    """The form without JavaScript: the answer is written to its end, then the page is shown."""
    viewer = await in_database(viewer_of, request)
    form = AskForm(request.POST)
    if not form.is_valid():
        raise BadRequest("not the fields of a question")
    fields = form.cleaned_data
    if not has_ticket(viewer, fields["conversation"], fields["ticket"]):
        raise Http404
    try:
        opened = await turn.ask(
            viewer,
            fields["text"],
            conversation_id=fields["conversation"],
            client_id=fields["client_id"],
            address=client_address(request.META),
        )
    except Unwelcome as problem:
        return await in_database(_refused, request, viewer, fields["conversation"], problem, unsent=fields["text"])
    await turn.finished(opened.reply_id)
    return redirect("conversation", opened.conversation_id)


@require_POST
async def again(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """Another variant of a reply, or its continuation, without JavaScript."""
    viewer = await in_database(viewer_of, request)
    found = await in_database(get_object_or_404, Reply.objects.visible_to(viewer), pk=reply_id)
    form = AgainForm(request.POST)
    if not form.is_valid():
        raise BadRequest("neither again nor continue")
    go_on = form.cleaned_data["type"] == "continue"
    try:
        opened = await turn.ask_again(viewer, reply_id=reply_id, go_on=go_on, address=client_address(request.META))
    except Unwelcome as problem:
        return await in_database(_refused, request, viewer, found.conversation_id, problem)
    await turn.finished(opened.reply_id)
    return redirect("conversation", opened.conversation_id)


@never_cache
@require_GET
def reply(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """One variant of a reply: by itself for htmx, else the page it stands on."""
    found = get_object_or_404(Reply.objects.visible_to(viewer_of(request)), pk=reply_id)
    if not request.headers.get("HX-Request"):
        return redirect("conversation", found.conversation_id)
    shown = fragments.of_row(found, list(found.question.replies.all()))
    return render(request, "chat/_reply.html", {"reply": shown})


@never_cache
@require_GET
def source(request: HttpRequest, source_id: uuid.UUID) -> HttpResponse:
    """The passage that a citation leads to, with its place in the document."""
    viewer = viewer_of(request)
    rows = Source.objects.visible_to(viewer).select_related("reply")
    passage = cited_passage(get_object_or_404(rows, pk=source_id), viewer)
    template = "chat/_passage.html" if request.headers.get("HX-Request") else "chat/source.html"
    return render(request, template, {"passage": passage})


@never_cache
@require_GET
def how_answered(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """How a reply of the viewer's own came about, in plain words."""
    viewer = viewer_of(request)
    replies = Reply.objects.visible_to(viewer).exclude(status=Reply.Status.STREAMING)
    found = get_object_or_404(replies.select_related("question", "version"), pk=reply_id)
    template = "chat/_how_answered.html" if request.headers.get("HX-Request") else "chat/how_answered.html"
    return render(request, template, {"reply": found, "receipt": short_receipt(found), "is_staff": viewer.is_staff})


@require_POST
def give_feedback(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """A thumb, and later its comment."""
    found = get_object_or_404(Reply.objects.visible_to(viewer_of(request)), pk=reply_id)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Choose a thumb; a comment has at most 2,000 characters.", status=400)
    feedback.give(found, **form.cleaned_data)
    if not request.headers.get("HX-Request"):
        return redirect("conversation", found.conversation_id)
    shown = fragments.of_row(_fresh(found), list(found.question.replies.all()))
    context = {"reply": shown, "thanks": "comment" in request.POST}
    return render(request, "chat/_feedback.html", context)


@require_POST
def confirm_action(request: HttpRequest, action_id: uuid.UUID) -> HttpResponse:
    """The click on a card: what it says is done."""
    return _after_click(request, action_id, actions.confirm)


@require_POST
def decline_action(request: HttpRequest, action_id: uuid.UUID) -> HttpResponse:
    """The other click: it is not done."""
    return _after_click(request, action_id, actions.decline)


def _after_click(
    request: HttpRequest, action_id: uuid.UUID, act: Callable[[Viewer, uuid.UUID], Action]
) -> HttpResponse:
    viewer = viewer_of(request)
    found = get_object_or_404(Action.objects.visible_to(viewer).select_related("reply"), pk=action_id)
    action = act(viewer, found.pk)
    if not request.headers.get("HX-Request"):
        page = reverse("conversation", args=[found.reply.conversation_id])
        return redirect(f"{page}#action-{action.pk}")
    return render(request, "chat/_action.html", {"card": actions.card_of(action), "was_clicked": True})


def _fresh(found: Reply) -> Reply:
    return Reply.objects.select_related("feedback").get(pk=found.pk)


def _page(
    request: HttpRequest,
    viewer: Viewer,
    found: Conversation | None,
    *,
    unsent: str = "",
    problem: Unwelcome | None = None,
    conversation_id: uuid.UUID | None = None,
) -> HttpResponse:
    current = found.pk if found else conversation_id or uuid.uuid4()
    ticket = ticket_for(viewer, current)
    context: dict[str, Any] = {
        "conversation": found,
        "conversation_id": current,
        "current": current,
        "ticket": ticket,
        "socket_url": f"/ws/conversations/{current}/?ticket={ticket}",
        "client_id": uuid.uuid4(),
        "exchanges": fragments.exchanges(found) if found else [],
        "history": Conversation.objects.visible_to(viewer).by_age(),
        "starters": Starter.objects.all()[:4],
        "question_limit": settings.CHAT_MAX_QUESTION_CHARACTERS,
        "too_long": Unwelcome("too_long", limit=settings.CHAT_MAX_QUESTION_CHARACTERS),
        "unsent": unsent,
        "problem": problem,
    }
    return render(request, "chat/conversation.html", context, status=_status(problem) if problem else 200)


def _refused(
    request: HttpRequest, viewer: Viewer, conversation_id: uuid.UUID, problem: Unwelcome, *, unsent: str = ""
) -> HttpResponse:
    """The page again, with the reason, and the text still in the field."""
    found = Conversation.objects.visible_to(viewer).filter(pk=conversation_id).first()
    page = _page(request, viewer, found, unsent=unsent, problem=problem, conversation_id=conversation_id)
    if problem.retry_after:
        page["Retry-After"] = str(problem.retry_after)
    return page


def _status(problem: Unwelcome) -> int:
    return {
        "too_many_questions": 429,
        "budget_reached": 429,
        "still_answering": 409,
        "not_available_now": 503,
    }.get(problem.code, 400)
