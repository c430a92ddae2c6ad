"""Who may open the pages of the evals: staff read and grade; who manages the assistant also changes sets and spends."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from chat.desk.doors import for_assistant_managers
from knowledge.access import Viewer
from llm.database import in_database

__all__ = ["for_assistant_managers", "for_staff"]


def for_staff(view: Callable[..., Any]) -> Callable[..., Any]:
    """Call the view with its `Viewer` for staff. For others there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        viewer = Viewer.of(request.user)
        return _turned_away(request, viewer) or view(request, viewer, *args, **kwargs)

    @wraps(view)
    async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        viewer = await in_database(Viewer.of, request.user)
        return _turned_away(request, viewer) or await view(request, viewer, *args, **kwargs)

    return guarded_async if iscoroutinefunction(view) else guarded


def _turned_away(request: HttpRequest, viewer: Viewer) -> HttpResponse | None:
    if viewer.user_id is None:
        return redirect_to_login(request.get_full_path())
    if not viewer.is_staff:
        raise Http404
    return None
