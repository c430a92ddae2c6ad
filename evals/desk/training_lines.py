"""A line of a training set as people read it: who says what, and what of it is learned."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

QUESTION = re.compile(r"<question>([^<]*)</question>\s*$")
WHO = {"system": "Instructions", "user": "Asked", "assistant": "Answered"}


@dataclass(frozen=True)
class Spoken:
    """One message. It is hostile text, shown as it is. `is_learned` says that the model is to write it; `is_worse` that
    it is the answer to turn away from."""

    who: str
    text: str
    is_learned: bool = False
    is_worse: bool = False

    @property
    def question(self) -> str:
        """What the customer asked, where it stands behind passages that were found for it."""
        found = QUESTION.search(self.text) if self.who == WHO["user"] else None
        return html.unescape(found[1]) if found else ""


def spoken(line: dict[str, Any]) -> list[Spoken]:
    """The messages of a line, of whatever kind it is; what cannot be read is left out."""
    if "messages" in line:
        *before, last = [*_messages(line["messages"])] or [{}]
        return [*map(_said, before), _said(last, is_learned=True)] if last else []
    given = line.get("input") or {}
    found = [_said(one) for one in _messages(given.get("messages"))]
    found += [_said(one, who="Better answer", is_learned=True) for one in _messages(line.get("preferred_output"))]
    worse = _messages(line.get("non_preferred_output"))
    return found + [_said(one, who="Worse answer", is_worse=True) for one in worse]


def _messages(value: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in value or () if isinstance(one, dict))


def _said(one: dict[str, Any], *, who: str = "", is_learned: bool = False, is_worse: bool = False) -> Spoken:
    name = who or WHO.get(str(one.get("role")), "Said")
    return Spoken(name, str(one.get("content", "")), is_learned, is_worse)
