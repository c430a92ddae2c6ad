"""What the gate says when somebody publishes: `CHAT_PUBLISH_GATES` names `refusals`."""

from __future__ import annotations

from chat.models import AssistantVersion
from evals.gates.sets import gate_of


def refusals(version: AssistantVersion) -> list[str]:
    """What speaks against publishing this version, one sentence each; an empty list where nothing does."""
    return [sentence for gate in gate_of(version) if not gate.is_passed for sentence in gate.sentences]
