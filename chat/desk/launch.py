"""The pages on which a version is tried beside the live one, and published or rolled back to."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat import limits
from chat.assistant import Version
from chat.conversations import check_question
from chat.desk.doors import for_assistant_managers, live_row, version_row
from chat.desk.trial import audience_viewer, try_versions
from chat.errors import Unwelcome
from chat.forms import PublishForm, TrialForm
from chat.models import AssistantVersion
from chat.versions.checks import problems_of
from chat.versions.gates import objections
from chat.versions.states import Refused, State, newly_off, publish, version_of
from chat.versions.text import as_text, diff
from knowledge.access import Viewer
from llm.database import in_database


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
async def try_version(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """A question, answered by this version and by the live one."""
    row = await in_database(version_row, viewer, number)
    form = TrialForm(request.POST or None)
    context: dict[str, Any] = {"version": row, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            question = check_question(form.cleaned_data["question"])
            await in_database(limits.admit, viewer, "")
            both = await in_database(_beside_live, viewer, row)
            asked_by = audience_viewer(viewer, form.cleaned_data["audience"])
            context["sides"] = await try_versions(question, asked_by, both)
        except Unwelcome as problem:
            form.add_error("question", str(problem))
    return await in_database(render, request, "chat/version_trial.html", context, status=_status(form))


@never_cache
@require_http_methods(["GET", "POST"])
@for_assistant_managers
def publish_version(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """Ask once more, with the difference, and then let a draft or a retired version answer."""
    row, live = version_row(viewer, number), live_row(viewer)
    compared = {"seen": row.hash, "instead_of": live.hash}
    note = row.note if row.state == State.DRAFT else f"Back to version {number}"
    form = PublishForm(request.POST or None, initial={"note": note, **compared})
    if request.method == "POST" and form.is_valid():
        try:
            publish(row, by=viewer.user_id, **form.cleaned_data)
        except Refused as problem:
            form = PublishForm(request.POST.dict() | compared)  # the next click is about what the page now shows
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"Version {number} is live. It answers from the next question on.")
            return redirect("versions")
    its, now = version_of(row).assistant, version_of(live).assistant
    context = {
        "version": row,
        "live": live,
        "form": form,
        "lines": diff(as_text(now), as_text(its)),
        "newly_off": newly_off(its, now),
        "problems": problems_of(its),
        "objections": objections(row) if row.state == State.DRAFT else [],
    }
    return render(request, "chat/version_publish.html", context, status=_status(form))


def _status(form: PublishForm | TrialForm) -> HTTPStatus:
    return HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK


def _beside_live(viewer: Viewer, row: AssistantVersion) -> list[Version]:
    live = live_row(viewer)
    return [version_of(one) for one in ([row] if row == live else [row, live])]
