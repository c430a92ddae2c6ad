"""The gates that a draft has to pass before it is published: packages above the chat bring them, by dotted names."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from chat.models import AssistantVersion


def objections(row: AssistantVersion) -> list[str]:
    """What the gates in CHAT_PUBLISH_GATES have against this draft, one sentence each."""
    gates: list[Callable[[AssistantVersion], list[str]]] = [import_string(name) for name in settings.CHAT_PUBLISH_GATES]
    return [sentence for gate in gates for sentence in gate(row)]
