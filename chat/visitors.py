"""Who is at the other end of a page or a socket."""

from __future__ import annotations

import secrets
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest

from knowledge.access import Viewer

KEY = "visitor"
SALT = "chat.ticket"
TICKET_SECONDS = 60 * 60 * 24 * 30


def viewer_of(request: HttpRequest) -> Viewer:
    """The signed-in customer, or the visitor whose session this is; a new visitor gets a session."""
    if not request.user.is_authenticated and KEY not in request.session:
        request.session[KEY] = secrets.token_urlsafe(32)
    return Viewer.of(request.user, request.session.get(KEY, ""))


def viewer_of_socket(session: SessionBase) -> Viewer:
    """Who a socket's session belongs to now, read afresh: a signed-out or demoted viewer is another one.

    A socket cannot set cookies: without a session of a page nobody is there.
    """
    now: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(session.session_key)
    # After a change of SECRET_KEY Django gives a session a new key (F63): here its cookie would be lost.
    now.cycle_key = lambda: None  # type: ignore[method-assign]
    request = HttpRequest()
    request.session = now
    return Viewer.of(get_user(request), now.get(KEY, ""))


def ticket_for(viewer: Viewer, conversation_id: object) -> str:
    """A signed word that this viewer got this conversation from a page of ours.

    It lets a conversation begin that has no row yet, and another site cannot forge it (A60).
    """
    return signing.dumps(_claim(viewer, conversation_id), salt=SALT)


def has_ticket(viewer: Viewer, conversation_id: object, ticket: str) -> bool:
    try:
        claim = signing.loads(ticket, salt=SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return False
    return bool(claim == _claim(viewer, conversation_id) and (viewer.user_id or viewer.visitor))


def _claim(viewer: Viewer, conversation_id: object) -> list[Any]:
    return [str(conversation_id), viewer.user_id or viewer.visitor]
