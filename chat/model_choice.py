"""Which model answers: the version's, or a cheaper one where triage finds the question easy."""

from __future__ import annotations

from chat.assistant import Alias
from chat.context import Turn


def choose_model(turn: Turn) -> Alias:
    """The alias of the model that answers this turn."""
    assistant = turn.version.assistant
    is_easy = turn.understood is not None and turn.understood.difficulty == "easy"
    return assistant.model_choice.easy if is_easy else assistant.answer.alias
