"""What alone sends a question to the strong model, however easy it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from django.conf import settings

from chat.context import Turn
from chat.model_choice.risks import holds_phrase, risk_in
from chat.spoken import language_of_answer
from chat.tools import TOOLS
from chat.understanding import words_to_search
from knowledge.search import Found

LONGEST_CODE = 60  # as `Route.rule` keeps it
SAY_NOTHING = frozenset({"get", "list", "show", "find", "fetch", "read", "look", "up"})  # in the names of tools


def why_strong(turn: Turn, found: Found) -> str:
    """The code of the first rule that speaks for the strong model, such as `risk: fraud`; empty where none does."""
    return next((code for code in _rules(turn, found) if code), "")[:LONGEST_CODE]


def _rules(turn: Turn, found: Found) -> Iterator[str]:
    """Each rule's code where it holds, else an empty text: the cheapest to look at first."""
    yield _if(settings.CHAT_SMALL_SECONDS <= 0, "switched off")
    yield from (_if(holds(turn), code) for code, holds in OF_THE_TURN.items())
    yield _if(not found.passages, "no passages")
    yield _if(bool(found.limited), "limited search")
    yield _if(not _is_written_well(turn), "language")
    asked = _asked(turn)
    yield _if(holds_phrase(turn.version.assistant.model_choice.strong_for, asked), "listed")
    yield _if(holds_phrase(_names_of(turn.version.assistant.tools), asked), "needs tools")
    risk = risk_in(asked)
    yield _if(bool(risk), f"risk: {risk}")


OF_THE_TURN: dict[str, Callable[[Turn], bool]] = {
    "asked again": lambda turn: turn.variant > 1,  # the customer was not content
    "continued": lambda turn: turn.draft is not None,
    "steered": lambda turn: turn.is_steered,
    "too long": lambda turn: len(turn.asked) > turn.version.assistant.model_choice.longest,
    "needs tools": lambda turn: turn.understood is not None and turn.understood.needs_tools,
    "hard": lambda turn: turn.understood is not None and turn.understood.difficulty == "hard",
}


def _if(holds: bool, code: str) -> str:
    return code if holds else ""


def _asked(turn: Turn) -> str:
    """What was typed, and what it means with what was said before: a risk may stand in either."""
    return "\n".join(dict.fromkeys((turn.asked, words_to_search(turn))))


def _is_written_well(turn: Turn) -> bool:
    """Whether the small model writes the language of the answer well, as the version says."""
    languages = turn.version.assistant.model_choice.languages
    return not languages or language_of_answer(turn) in languages


@lru_cache(maxsize=16)
def _names_of(tools: tuple[str, ...]) -> tuple[str, ...]:
    """The names of tools as phrases: `get_mortgage_rates` is "mortgage~ * rate~". What a customer calls otherwise, the
    small model's own call shows."""
    names = [tool.name.split("_") for tool in TOOLS if tool.name in tools]
    telling = [[word.removesuffix("s") for word in name if word not in SAY_NOTHING] for name in names]
    return tuple(" * ".join(f"{word}~" for word in words) for words in telling if words)
