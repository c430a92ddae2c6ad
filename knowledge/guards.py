"""Who may open the library's pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from knowledge.access import Viewer


def for_managers(view: Callable[..., HttpResponse]) -> Callable[..., Any]:
    """Call the view with its `Viewer` for those who may manage documents. For others there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer = Viewer.of(request.user)
        if not viewer.can_manage_knowledge:
            raise Http404
        return view(request, viewer, *args, **kwargs)

    return login_required(guarded)
