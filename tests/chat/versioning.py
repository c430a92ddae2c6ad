"""Versions of the assistant for tests."""

from __future__ import annotations

from typing import Any

from chat.assistant import Assistant
from chat.models import AssistantVersion
from chat.versions.states import find, house, live_version, make_draft


def changed(**fields: Any) -> Assistant:
    """The house's assistant with other fields, checked as a new record is."""
    return Assistant.model_validate(house().model_dump() | fields)


def with_prompt(text: str, name: str = "unknown") -> Assistant:
    return changed(prompts=house().prompts | {name: text})


def draft(assistant: Assistant | None = None, *, note: str = "Shorter words") -> AssistantVersion:
    """A draft that differs from the live version."""
    live_version()
    return make_draft(assistant or with_prompt("I have no idea."), based_on=find("live"), note=note)
