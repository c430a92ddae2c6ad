"""Reads what a prompt of the product holds: the question, the passages, what tools returned, a cut answer."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from llm.standin.requests import AssistantMessage, Content, Message, ToolMessage, UserMessage

PASSAGES = re.compile(r"<passages>(.*?)</passages>", re.DOTALL)
PASSAGE = re.compile(r"<passage\b([^>]*)>(.*?)</passage>", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
QUESTION = re.compile(r"<question>(.*?)</question>", re.DOTALL)
CONTINUE = "<continue/>"


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


def read(messages: Sequence[Message]) -> Prompt:
    """The parts of a conversation that an answer depends on."""
    users = [n for n, message in enumerate(messages) if isinstance(message, UserMessage)]
    partial = _partial(messages)
    if partial is not None:
        users = users[:-1]
    last = users[-1] if users else -1
    asked = text_of(messages[last].content) if users else ""
    found = QUESTION.search(asked)
    since = messages[last + 1 :]
    return Prompt(
        question=html.unescape(found[1]).strip() if found else _without_passages(asked),
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
    block = PASSAGES.search(text)
    found = []
    for position, match in enumerate(PASSAGE.finditer(block[1] if block else ""), start=1):
        named = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(match[1])}
        number = int(named["number"]) if named.get("number", "").isdecimal() else position
        found.append(
            Passage(number, named.get("title", ""), named.get("place", ""), html.unescape(match[2]).strip())
        )
    return found


def _without_passages(text: str) -> str:
    return PASSAGES.sub("", text).strip()
