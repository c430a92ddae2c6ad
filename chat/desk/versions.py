"""The pages on which the assistant's versions are listed, edited and compared."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat.desk.doors import for_assistant_managers, live_row, version_row
from chat.desk.editor import Editor
from chat.models import AssistantVersion, Publication, Reply
from chat.receipts.fingerprints import changes_of
from chat.versions.checks import problems_of, strangers_of, switched_off
from chat.versions.code_news import News, hashes_of, news
from chat.versions.figures import figures_of
from chat.versions.states import State, discard, house, make_draft, save_draft, version_of
from chat.versions.text import as_text, diff
from knowledge.access import Viewer

A_PAGE = 25


@never_cache
@require_GET
@for_assistant_managers
def versions(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All versions, the latest first, and what the code brings that the live one lacks."""
    live = live_row(viewer)
    rows = AssistantVersion.objects.visible_to(viewer).exclude(state=State.DISCARDED).defer("content")
    replies = Reply.objects.filter(version=OuterRef("pk")).order_by().values("version").annotate(n=Count("pk"))
    page = Paginator(
        rows.select_related("created_by", "based_on").annotate(answered=Subquery(replies.values("n"))), A_PAGE
    ).get_page(request.GET.get("page"))
    log = Publication.objects.visible_to(viewer).select_related("version", "by").defer("version__content")[:A_PAGE]
    context = {"page": page, "publications": log, "news": _news(live), "live": live}
    return render(request, "chat/versions.html", context)


@never_cache
@require_GET
@for_assistant_managers
def version(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """One version: its state, how it has done, and all that it says."""
    row = version_row(viewer, number)
    its = version_of(row)
    context = {
        "version": row,
        "label": its.label,
        "figures": figures_of(row, its.label),
        "model_changes": changes_of(row),
        "problems": problems_of(its.assistant),
        "strangers": strangers_of(its.assistant),
        "off": switched_off(its.assistant),
        "text": as_text(its.assistant),
        "publications": row.publications.select_related("by"),
    }
    return render(request, "chat/version.html", context)


@require_POST
@for_assistant_managers
def draft_version(_request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """A new draft that begins as a copy of this version."""
    row = version_row(viewer, number)
    draft = make_draft(version_of(row).assistant, based_on=row, by=viewer.user_id)
    return redirect("edit_version", draft.number)


@require_POST
@for_assistant_managers
def draft_from_code(_request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A new draft: the live version, with what the code brings that is new."""
    live = live_row(viewer)
    merged = _news(live).merged
    code = hashes_of(house())
    draft = make_draft(merged, based_on=live, by=viewer.user_id, note="What the code brings", code=code)
    return redirect("diff_version", draft.number)


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def edit_version(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """The form of a draft. Who saves a draft that has changed meanwhile sees both texts, and loses none."""
    row = version_row(viewer, number)
    before = version_of(row).assistant
    if request.method == "GET":
        if row.state != State.DRAFT:
            return redirect("version", number)
        return _form(request, row, Editor(before, note=row.note, seen=row.hash))
    editor = Editor(before, request.POST)
    if not editor.is_valid():
        return _form(request, row, editor, status=HTTPStatus.BAD_REQUEST)
    note = editor.draft.cleaned_data["note"]
    if "as_new" in request.POST:
        row = make_draft(editor.assistant, based_on=row, by=viewer.user_id, note=note)
    elif not save_draft(row, editor.assistant, seen=editor.draft.cleaned_data["seen"], note=note):
        return _conflict(request, row, editor)
    messages.success(request, f"Draft {row.number} is saved.")
    return redirect("diff_version" if "and_compare" in request.POST else "edit_version", row.number)


@require_POST
@for_assistant_managers
def discard_version(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Take a draft away."""
    if discard(version_row(viewer, number)):
        messages.success(request, f"Draft {number} is discarded.")
    else:
        messages.error(request, f"Version {number} is no draft any more: it stays.")
    return redirect("versions")


@never_cache
@require_GET
@for_assistant_managers
def diff_version(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """What differs, as text, between another version (`?with=`: a number, `code`, or the live one) and this one."""
    row = version_row(viewer, number)
    which = request.GET.get("with", "")
    if which == "code":
        other, name = house(), "the code's own"
    else:
        row_of_other = version_row(viewer, int(which)) if which.isdecimal() and len(which) < 10 else live_row(viewer)
        other, name = version_of(row_of_other).assistant, str(row_of_other)
    lines = diff(as_text(other), as_text(version_of(row).assistant))
    others = AssistantVersion.objects.visible_to(viewer).exclude(pk=row.pk).exclude(state=State.DISCARDED)
    context = {"version": row, "lines": lines, "other": name, "others": others.defer("content")[:50], "which": which}
    return render(request, "chat/version_diff.html", context)


@never_cache
@require_GET
@for_assistant_managers
def export_version(_request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """The version as a file for git."""
    text = as_text(version_of(version_row(viewer, number)).assistant)
    headers = {"Content-Disposition": f'attachment; filename="assistant-v{number}.yaml"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


def _news(live: AssistantVersion) -> News:
    return news(version_of(live).assistant, since=live.code, code=house())


def _form(
    request: HttpRequest, row: AssistantVersion, editor: Editor, *, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    context = {"version": row, "editor": editor, "strangers": strangers_of(version_of(row).assistant), **more}
    return render(request, "chat/version_edit.html", context, status=status)


def _conflict(request: HttpRequest, row: AssistantVersion, editor: Editor) -> HttpResponse:
    """The form again as it was sent, with what somebody else has saved meanwhile; saving again replaces that."""
    row.refresh_from_db()
    theirs, mine = as_text(version_of(row).assistant), as_text(editor.assistant)
    data = request.POST.copy()
    data["seen"] = row.hash
    again = Editor(version_of(row).assistant, data)
    again.is_valid()
    more = {"conflict": diff(theirs, mine), "theirs": theirs, "mine": mine}
    return _form(request, row, again, status=HTTPStatus.CONFLICT, **more)
