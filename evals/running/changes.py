"""What differs between a run and its baseline, part by part: the first question about a difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat.assistant import Assistant
from evals.graders import GRADERS

PARTS = {  # the part's name for people → the settings of the assistant's record that it stands for
    "prompts": ("prompts",),
    "examples": ("examples",),
    "retrieval": ("retrieval",),
    "models": ("answer", "judge", "models", "model_choice"),
    "triage": ("triage",),
    "guardrails": ("guardrails",),
    "rules": ("rules",),
    "tools": ("tools",),
    "follow-ups": ("follow_ups",),
}


def changed_in_record(before: Assistant, after: Assistant) -> list[str]:
    """The parts in which two assistants' records differ."""
    return [
        part for part, names in PARTS.items() if any(getattr(before, name) != getattr(after, name) for name in names)
    ]


def changed_around(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs in the circumstances of two runs. What one of them does not know counts as unchanged."""
    models, models_after = before.get("models", {}), after.get("models", {})
    answering = [alias for alias in models if alias != "judge" and alias in models_after]
    found = ["models"] if any(models[alias] != models_after[alias] for alias in answering) else []
    return found + [name for name in ("documents", "code") if before.get(name, after.get(name)) != after.get(name)]


def judges_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a judge that graded both runs is another one by now: its model, its rubric or its code.

    Both are `Run.graders`: name → {version, model}.
    """
    judges = [name for name in before if name in after and name in GRADERS and GRADERS[name].kind == "judge"]
    return any(before[name] != after[name] for name in judges)
