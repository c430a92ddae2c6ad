"""Reads what a prompt of the product holds: the question, the passages, what tools returned, a cut answer."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from llm.standin.requests import AssistantMessage, Content, Message, ToolMessage, UserMessage

PASSAGE = re.compile(r"<passage\b([^>]*)>([^<]*(?:<(?!/?passage\b)[^<]*)*)</passage>")  # linear, whatever is sent
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
CONTINUE = "<continue/>"
MAX_QUESTION, MAX_PASSAGE, MAX_PASSAGES = 4000, 20_000, 50  # characters, characters, and how many are read


@dataclass(frozen=True)
class Passage:
    """One numbered passage with the title and place that head it."""

    number: int
    title: str
    place: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """What there is to answer, and from what."""

    question: str
    passages: tuple[Passage, ...]
    results: tuple[str, ...]  # what tools returned since the question
    partial: str | None  # the beginning of an answer that is to be continued
    system: str
    earlier_question: str = ""


def read(messages: Sequence[Message]) -> Prompt:
    """The parts of a conversation that an answer depends on."""
    users = [n for n, message in enumerate(messages) if isinstance(message, UserMessage)]
    partial = _partial(messages)
    if partial is not None:
        users = users[:-1]
    last = users[-1] if users else -1
    asked = text_of(messages[last].content) if users else ""
    since = messages[last + 1 :]
    return Prompt(
        question=_question(asked),
        earlier_question=_question(text_of(messages[users[-2]].content)) if len(users) > 1 else "",
        passages=tuple(_passages(asked)),
        results=tuple(text_of(message.content) for message in since if isinstance(message, ToolMessage)),
        partial=partial,
        system="\n".join(text_of(m.content) for m in messages if m.role in ("system", "developer")),
    )


def text_of(content: Content | None) -> str:
    """The text of a message, whichever form it has."""
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.text for part in content)


def _partial(messages: Sequence[Message]) -> str | None:
    match messages:
        case [*_, AssistantMessage(content=answer), UserMessage(content=request)]:
            return text_of(answer) if text_of(request).strip() == CONTINUE else None
    return None


def _passages(text: str) -> list[Passage]:
    found = []
    matches = itertools.islice(PASSAGE.finditer(_within(text, "passages") or ""), MAX_PASSAGES)
    for position, match in enumerate(matches, start=1):
        named = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(match[1])}
        number = int(named["number"]) if named.get("number", "").isdecimal() else position
        text = html.unescape(match[2]).strip()[:MAX_PASSAGE]
        found.append(Passage(number, named.get("title", ""), named.get("place", ""), text))
    return found


def _question(text: str) -> str:
    found = _within(text, "question")
    asked = without_passages(text) if found is None else html.unescape(found)
    return asked.strip()[:MAX_QUESTION]


def without_passages(text: str) -> str:
    """What the prompt says around the passages."""
    block = _within(text, "passages")
    return text if block is None else text.replace(f"<passages>{block}</passages>", "")


def _within(text: str, tag: str) -> str | None:
    _, opening, rest = text.partition(f"<{tag}>")
    block, closing, _ = rest.partition(f"</{tag}>")
    return block if opening and closing else None
