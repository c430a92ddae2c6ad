"""Which documents may be learned from. A model forgets nothing and asks nobody who is reading, so only what everybody
may read goes into it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from uuid import UUID

from django.conf import settings

from knowledge.models import Document


class Library:
    """The documents as they are now. One query."""

    @cached_property
    def _collections(self) -> dict[str, tuple[str, str]]:
        rows = Document.objects.filter(removed_at=None).values_list("pk", "collection__audience", "collection__name")
        return {str(pk): (audience, name) for pk, audience, name in rows}

    def objection_to(self, documents: Iterable[str | UUID]) -> str:
        """Why nothing that rests on these may be learned, a key of `reasons.REASONS`; empty where it may."""
        found = [self._collections.get(str(document)) for document in documents]
        if None in found:
            return "gone_document"
        closed = settings.EVALS_TRAINING_CLOSED_COLLECTIONS
        is_open = all(one and one[0] in settings.EVALS_TRAINING_AUDIENCES and one[1] not in closed for one in found)
        return "" if is_open else "closed_document"
