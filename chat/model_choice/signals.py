"""How easy a question looks: signs of it, each from 0 to 1, and what they come to together."""

from __future__ import annotations

import math

from chat.assistant import Ease
from chat.context import Turn
from knowledge.search import Found, Passage

NEAR = 0.75  # of the best score: passages that fit nearly as well
TRIAGE = {"easy": 1.0, "hard": 0.0}


def signals_of(turn: Turn, found: Found) -> dict[str, float]:
    """The signs by the names of their weights in `Ease`.

    `triage` is what the small model said that read the question, .5 where it did not; `best` the score of the first
    passage; `lead` by how much of that it is ahead of the next document's; `agreement` the share of its document among
    the passages that fit nearly as well; `short` how much of the longest length is not used up.
    """
    understood, passages = turn.understood, found.passages
    longest = turn.version.assistant.model_choice.longest
    signals = {
        "triage": TRIAGE[understood.difficulty] if understood else 0.5,
        "best": _best(passages),
        "lead": _lead(passages),
        "agreement": _agreement(passages),
        "short": 1 - len(turn.asked) / longest,
    }
    return {name: round(min(1.0, max(0.0, value)), 4) for name, value in signals.items()}


def ease_of(signals: dict[str, float], weights: Ease) -> float:
    """From 0, hard, to 1: the logistic function of the weighted signs."""
    total = weights.bias + sum(getattr(weights, name) * value for name, value in signals.items())
    return round(1 / (1 + math.exp(-max(-60.0, min(60.0, total)))), 4)


def _best(passages: tuple[Passage, ...]) -> float:
    return max((passage.score for passage in passages), default=0.0)


def _lead(passages: tuple[Passage, ...]) -> float:
    """From 0, another document fits as well, to 1, nothing else fits at all."""
    if not passages or _best(passages) <= 0:
        return 0.0
    top = max(passages, key=lambda passage: passage.score)
    others = [passage for passage in passages if passage.document_id != top.document_id]
    return 1 - _best(tuple(others)) / top.score


def _agreement(passages: tuple[Passage, ...]) -> float:
    if not passages:
        return 0.0
    top = max(passages, key=lambda passage: passage.score)
    near = [passage for passage in passages if passage.score >= NEAR * top.score]
    return sum(passage.document_id == top.document_id for passage in near) / len(near)
