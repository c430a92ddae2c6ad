"""The model that answers a question: the strong one where a rule says so, else the one that its ease names."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat.assistant import Alias
from chat.context import Turn
from chat.model_choice.rules import why_strong
from chat.model_choice.signals import ease_of, signals_of
from knowledge.search import Found


@dataclass(frozen=True)
class Choice:
    """Who is asked first, and why. `ease` and each of its `signals` are from 0, hard, to 1.

    `rule` is what alone sent the question to the strong model, as a short code; empty where the ease decided.
    """

    alias: Alias
    ease: float
    signals: dict[str, float] = field(default_factory=dict)
    rule: str = ""


def choose_model(turn: Turn, found: Found) -> Choice:
    """The choice for this turn, of which `found` are the passages. The ease is told even where a rule decides."""
    assistant = turn.version.assistant
    policy = assistant.model_choice
    signals = signals_of(turn, found)
    ease = ease_of(signals, policy.ease)
    rule = why_strong(turn, found)
    is_easy = not rule and ease >= policy.threshold
    return Choice(assistant.easy_alias if is_easy else assistant.answer.alias, ease, signals, rule)
