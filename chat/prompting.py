"""Prompts are prose in `prompts/*.md`; this puts a turn and its passages into them."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from django.conf import settings

from chat.context import Turn
from knowledge.search import Passage
from llm import Message

PROMPTS = Path(__file__).parent / "prompts"
HISTORY_CHARACTERS = 6_000  # of earlier exchanges: about 1,500 tokens, so that the passages stay the larger part


@cache
def _template(name: str, language: str) -> Template:
    translated = PROMPTS / f"{name}.{language}.md"
    file = translated if translated.exists() else PROMPTS / f"{name}.md"
    return Template(file.read_text(encoding="utf-8").strip())


def prompt(name: str, language: str = "en", **values: str) -> str:
    """The prompt of that name with its `$names` filled in, in a language that it is written in, else in English.

    Raises KeyError where a name is missing.
    """
    return _template(name, language).substitute(values)


@cache
def languages_of(name: str) -> frozenset[str]:
    """The languages that a prompt is written in."""
    return frozenset({"en", *(file.suffixes[0].lstrip(".") for file in PROMPTS.glob(f"{name}.*.md"))})


def messages_for(turn: Turn, passages: tuple[Passage, ...]) -> list[Message]:
    """The whole conversation with the model: instructions, what was said, the passages and the question."""
    asked = prompt("question", passages=_as_data(passages), question=escape(turn.question, quote=False))
    messages: list[Message] = [{"role": "system", "content": prompt("answer", site_name=settings.SITE_NAME)}]
    messages += _earlier(turn)
    messages.append({"role": "user", "content": asked})
    if turn.draft:
        messages.append({"role": "assistant", "content": turn.draft.text})
        messages.append({"role": "user", "content": "<continue/>"})
    return messages


def _earlier(turn: Turn) -> list[Message]:
    room = HISTORY_CHARACTERS
    kept: list[Message] = []
    for exchange in reversed(turn.history):
        room -= len(exchange.question) + len(exchange.reply)
        if room < 0:
            break
        kept = [
            {"role": "user", "content": exchange.question},
            {"role": "assistant", "content": exchange.reply},
            *kept,
        ]
    return kept


def _as_data(passages: tuple[Passage, ...]) -> str:
    """Passages as marked-up data: escaped, so that no document can close its own tag."""
    return "\n".join(
        f'<passage number="{number}" title="{escape(passage.title)}" place="{escape(passage.place)}">\n'
        f"{escape(passage.text, quote=False)}\n</passage>"
        for number, passage in enumerate(passages, start=1)
    )
