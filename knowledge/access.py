"""Who is looking. Everything that is fetched is fetched for a viewer: `Model.objects.visible_to(viewer)`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.models import User


class Audience(StrEnum):
    """Who may read a collection."""

    PUBLIC = "public"
    CUSTOMERS = "customers"
    STAFF = "staff"


AUDIENCE_WORDS = {
    Audience.PUBLIC: "Everybody",
    Audience.CUSTOMERS: "Signed-in customers and staff",
    Audience.STAFF: "Staff only",
}


@dataclass(frozen=True)
class Viewer:
    """A user, or a visitor's session. `audiences` are those whose collections this viewer may read.

    `visitor` is a random token kept in the session (never the session's own key, which changes at sign-in).
    """

    user_id: int | None = None
    visitor: str = ""
    audiences: frozenset[Audience] = frozenset({Audience.PUBLIC})
    is_staff: bool = False
    can_manage_knowledge: bool = False
    can_manage_assistant: bool = False

    @classmethod
    def of(cls, user: User | Any, visitor: str = "") -> Viewer:
        """The viewer for a signed-in `user` (any object with Django's permission methods) or a `visitor` token.

        Reads the user's permissions from the database: call it from sync code, on every frame that matters.
        """
        if not user.is_authenticated or not user.is_active:
            return cls(visitor=visitor)
        is_staff = user.has_perm("chat.assist_customers")
        audiences = {Audience.PUBLIC, Audience.CUSTOMERS} | ({Audience.STAFF} if is_staff else set())
        return cls(
            user_id=user.pk,
            visitor=visitor,
            audiences=frozenset(audiences),
            is_staff=is_staff,
            can_manage_knowledge=user.has_perm("knowledge.manage_documents"),
            can_manage_assistant=user.has_perm("chat.manage_assistant"),
        )
