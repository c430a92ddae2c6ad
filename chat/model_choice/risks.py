"""What a question touches that a customer may be harmed by, told by its words: those are the strong model's.

The phrases of `risks.json` are written as compliance rules write theirs (`chat/suspicion/signs.py`), in English,
Spanish and Chinese. One too many costs some cents, one too few a customer: a question that only might touch a risk
does, but not one that merely shares a word with it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from chat.suspicion.folding import tokens_of
from chat.suspicion.signs import Signs

RISKS = Path(__file__).with_name("risks.json")


def risk_in(text: str) -> str:
    """The risk that a text touches, such as `fraud`; empty where there is none."""
    found = sorted(sign.name for sign in _risks().find(tokens_of(text)))
    return found[0] if found else ""


def holds_phrase(phrases: tuple[str, ...], text: str) -> bool:
    """Whether a text holds one of the phrases that a version lists."""
    return bool(phrases) and bool(_listed(phrases).find(tokens_of(text)))


@cache
def _risks() -> Signs:
    return Signs.read(RISKS)


@lru_cache(maxsize=16)
def _listed(phrases: tuple[str, ...]) -> Signs:
    return Signs({}, {"listed": {"family": "listed", "weight": 1.0, "phrases": phrases}})
