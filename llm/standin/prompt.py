"""Reads what a prompt of the product holds: the question, the passages, what tools returned, a cut answer."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from llm.standin import conversation
from llm.standin.requests import AssistantMessage, Content, Message, ToolMessage, UserMessage

PASSAGE = re.compile(r"<passage\b([^>]*)>([^<]*(?:<(?!/?passage\b)[^<]*)*)</passage>")  # linear, whatever is sent
RESULT = re.compile(r"<result\b([^>]*)>([^<]*(?:<(?!/?result\b)[^<]*)*)</result>")  # the same
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

    question: str  # a follow-up together with what it leans on
    passages: tuple[Passage, ...]
    results: tuple[str, ...]  # what tools returned since the question, other than passages
    partial: str | None  # the beginning of an answer that is to be continued
    system: str
    asked: str = ""  # the last message as it came
    looked_up: int = 0  # how many calls of tools were answered since the question
    notices: tuple[str, ...] = ()  # the states of those that returned nothing, such as "failed"


def read(messages: Sequence[Message]) -> Prompt:
    """The parts of a conversation that an answer depends on."""
    users = [n for n, message in enumerate(messages) if isinstance(message, UserMessage)]
    partial = _partial(messages)
    if partial is not None:
        users = users[:-1]
    last = users[-1] if users else -1
    asked = text_of(messages[last].content) if users else ""
    returned = [text_of(message.content) for message in messages[last + 1 :] if isinstance(message, ToolMessage)]
    results, notices, found = _results(returned)
    earlier = [_question(text_of(messages[n].content)) for n in users[:-1]]
    return Prompt(
        question=conversation.standalone(_question(asked), earlier),
        asked=asked,
        passages=(*_passages(_within(asked, "passages") or ""), *found),
        results=tuple(results),
        partial=partial,
        system="\n".join(text_of(m.content) for m in messages if m.role in ("system", "developer")),
        looked_up=len(returned),
        notices=tuple(notices),
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


def _results(returned: Sequence[str]) -> tuple[list[str], list[str], list[Passage]]:
    """What tools returned, the states of those that returned nothing, and the passages that a search among them found.

    A result stands in `<result status="…">`; one that stands alone counts as returned.
    """
    results, notices, passages = [], [], []
    for text in returned:
        wrapped = RESULT.fullmatch(text.strip())
        status = dict(ATTRIBUTE.findall(wrapped[1])).get("status", "ok") if wrapped else "ok"
        inner = wrapped[2] if wrapped else text
        if status != "ok":
            notices.append(status)
        elif wrapped and (found := _passages(inner)):
            passages += found
        else:
            results.append(html.unescape(inner).strip() if wrapped else inner)
    return results, notices, passages


def _passages(block: str) -> list[Passage]:
    found = []
    matches = itertools.islice(PASSAGE.finditer(block), MAX_PASSAGES)
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
