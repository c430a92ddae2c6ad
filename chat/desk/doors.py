"""Who may open the pages of the assistant's versions, and which versions they then get."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from chat.models import AssistantVersion
from chat.versions.states import State, live_version
from knowledge.access import Viewer
from llm.database import in_database


def for_those(may_open: Callable[[Viewer], bool]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Call a view with its `Viewer` for those who may open it. Who is not signed in is asked to; for others there is no
    such page."""

    def turned_away(request: HttpRequest, viewer: Viewer) -> HttpResponse | None:
        if viewer.user_id is None:
            return redirect_to_login(request.get_full_path())
        if not may_open(viewer):
            raise Http404
        return None

    def door(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            viewer = Viewer.of(request.user)
            return turned_away(request, viewer) or view(request, viewer, *args, **kwargs)

        @wraps(view)
        async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            viewer = await in_database(Viewer.of, request.user)
            return turned_away(request, viewer) or await view(request, viewer, *args, **kwargs)

        return guarded_async if iscoroutinefunction(view) else guarded

    return door


for_assistant_managers = for_those(lambda viewer: viewer.can_manage_assistant)


def version_row(viewer: Viewer, number: int) -> AssistantVersion:
    """The version of that number. Raises Http404."""
    return get_object_or_404(AssistantVersion.objects.visible_to(viewer), number=number)


def live_row(viewer: Viewer) -> AssistantVersion:
    live_version()  # makes the first one
    return AssistantVersion.objects.visible_to(viewer).get(state=State.LIVE)
