"""What people decide about a saved answer: to serve it, to take it out, to hold it good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.models import SavedAnswer

State = SavedAnswer.State


class NotPossible(Exception):
    """The answer's state does not allow it. `str()` is a sentence for the person who asked for it."""


def settle(answer: UUID, do: str, *, by: int | None, name: str) -> str:
    """Do one of `DEEDS` to a saved answer. Returns what was done, in a sentence.

    Raises `NotPossible` when its state does not allow it, and KeyError for a deed that there is none of.
    """
    deed = DEEDS[do]
    with transaction.atomic():
        saved = SavedAnswer.objects.select_for_update().get(pk=answer)
        changes, said = deed(saved, by, name)
        SavedAnswer.objects.filter(pk=saved.pk).update(**changes)
    return said


Done = tuple[dict[str, Any], str]


def _approve(saved: SavedAnswer, by: int | None, name: str) -> Done:
    if saved.expires_at <= timezone.now():
        raise NotPossible("This answer has expired: it is written anew when somebody asks.")
    changes = {"state": State.SERVED, "approved_by_id": by, "reason": f"approved by {name}"[:200]}
    return changes, "The answer is approved: others get it, as long as its documents stand."


def _quarantine(saved: SavedAnswer, _by: int | None, name: str) -> Done:
    if saved.state == State.QUARANTINED:
        raise NotPossible("This answer is in quarantine already.")
    changes = {"state": State.QUARANTINED, "approved_by_id": None, "is_pinned": False}
    return changes | {"reason": f"taken out by {name}"[:200]}, "The answer is taken out: nobody gets it from now on."


def _release(saved: SavedAnswer, _by: int | None, name: str) -> Done:
    if saved.state != State.QUARANTINED:
        raise NotPossible("This answer is not in quarantine.")
    changes = {"state": State.WAITING, "reason": f"released by {name}"[:200]}
    return changes, "The answer is released: it waits until one more customer is answered the same."


def _pin(saved: SavedAnswer, _by: int | None, _name: str) -> Done:
    if saved.state != State.SERVED:
        raise NotPossible("Only an answer that others get can be pinned: approve it first.")
    return {"is_pinned": True}, "The answer is pinned: a thumb down does not take it out."


def _unpin(_saved: SavedAnswer, _by: int | None, _name: str) -> Done:
    return {"is_pinned": False}, "The answer is not pinned any more: a thumb down takes it out."


DEEDS: dict[str, Callable[[SavedAnswer, int | None, str], Done]] = {
    "approve": _approve,
    "quarantine": _quarantine,
    "release": _release,
    "pin": _pin,
    "unpin": _unpin,
}
