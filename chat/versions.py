"""The states of a version: a draft is edited, published and later retired. Exactly one is live."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.assistant import Assistant, Rule, Version, prompts_of_the_house
from chat.guardrails import INPUT_GUARDRAILS, OUTPUT_GUARDRAILS
from chat.models import AssistantVersion
from chat.tools import TOOLS

RULES = Path(__file__).parent / "rules.json"
State = AssistantVersion.State


@cache
def house() -> Assistant:
    """The assistant that comes with the code: its prompts, its rules, and everything on the shelves switched on."""
    rules = json.loads(RULES.read_text(encoding="utf-8")) if RULES.exists() else []
    return Assistant(
        prompts=prompts_of_the_house(),
        guardrails={check.name: {} for check in (*INPUT_GUARDRAILS, *OUTPUT_GUARDRAILS)},
        rules=tuple(Rule.model_validate(rule) for rule in rules),
        tools=tuple(tool.name for tool in TOOLS),
    )


def live_version() -> Version:
    """The version that answers customers now. The first one is made from the code."""
    row = AssistantVersion.objects.filter(state=State.LIVE).first() or _first()
    return version_of(row)


def version_of(row: AssistantVersion) -> Version:
    return Version(row.number, _read(json.dumps(row.content)), row.pk)


@cache
def _read(content: str) -> Assistant:
    """Validating takes longer than fetching: it is done once for each content."""
    return Assistant.model_validate_json(content)


def _first() -> AssistantVersion:
    try:
        with transaction.atomic():
            return AssistantVersion.objects.create(
                number=AssistantVersion.objects.next_number(),
                state=State.LIVE,
                published_at=timezone.now(),
                note="As the code has it",
                **content_of(house()),
            )
    except IntegrityError:  # another process was quicker
        return AssistantVersion.objects.get(state=State.LIVE)


def content_of(assistant: Assistant) -> dict[str, Any]:
    """The columns that hold an assistant."""
    return {"content": assistant.model_dump(mode="json"), "hash": assistant.hash}
