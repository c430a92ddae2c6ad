"""Which model answers: the version's, or a cheaper one where triage finds the question easy and to need no tools."""

from __future__ import annotations

from chat.assistant import Alias
from chat.context import Turn


def choose_model(turn: Turn) -> Alias:
    """The alias of the model that answers this turn."""
    assistant = turn.version.assistant
    understood = turn.understood
    is_easy = understood is not None and understood.difficulty == "easy" and not understood.needs_tools
    return assistant.model_choice.easy if is_easy else assistant.answer.alias
