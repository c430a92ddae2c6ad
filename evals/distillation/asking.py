"""What the model was asked, and its answer as the model writes it: so that a small one is taught what it will be asked.

Citations are renumbered when an answer is shown: its first one becomes `[1]`. Here each gets the number back that its
passage has in the request.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from django.conf import settings

from chat.assistant import Version
from chat.citations import MARK
from chat.context import Turn
from chat.prompting import messages_for
from chat.tool_use import Toolbox
from evals.answers import Answer, Source
from knowledge.access import Viewer
from knowledge.search import Passage
from llm import Message, Tool


@dataclass(frozen=True)
class Request:
    """What the model was asked: messages, and the tools that it may call."""

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...]


def request_of(turn: Turn) -> Request:
    """The request that a turn begins with, word by word, with personal data masked."""
    tools = (_schema(tool, settings.LLM_STRICT_TOOLS) for tool in Toolbox(turn).tools.values())
    return Request(tuple(messages_for(turn)), tuple(tools))


def turn_of_answer(question: str, answer: Answer, version: Version) -> tuple[Turn, list[Source]]:
    """The turn that an answer without a receipt came from, and its passages in their order.

    The answer lists the passages that it cites first; the search listed the best ones first, and so does this.
    """
    given = sorted(answer.passages, key=lambda one: (-one.score, one.document, one.chunk or 0, one.text))
    passages = tuple(_passage(one, place) for place, one in enumerate(given))
    return Turn(question, Viewer(), version, passages=passages), given


def as_written(text: str, numbers: Mapping[int, int]) -> str | None:
    """The text with the citations that its reader saw turned into those that the model wrote. `numbers` has the place
    in the request, from 1, for each number that was shown. None where one leads nowhere.
    """
    lost = False

    def mark(match: re.Match[str]) -> str:
        nonlocal lost
        shown = [int(number) for number in re.findall(r"\d+", match.group(1))]
        lost = lost or any(number not in numbers for number in shown)
        return "".join(f"[{numbers.get(number, 0)}]" for number in shown)

    written = MARK.sub(mark, text)
    return None if lost else written


def numbers_by_chunk(cited: Mapping[int, int | None], given: Sequence[int | None]) -> dict[int, int]:
    """The place in the request, from 1, of each passage that is cited: both by their chunks."""
    places = {chunk: place for place, chunk in reversed([*enumerate(given, start=1)]) if chunk is not None}
    return {number: places[chunk] for number, chunk in cited.items() if chunk is not None and chunk in places}


def prompt_hash(messages: Sequence[Message]) -> str:
    """12 hexadecimal digits over the instructions."""
    return sha256(str(messages[0]["content"]).encode()).hexdigest()[:12]


@cache
def _schema(tool: Tool, _is_strict: bool) -> dict[str, Any]:
    """As a request offers it; made once, since it costs more than the rest of a line."""
    return tool.schema


def _passage(source: Source, place: int) -> Passage:
    chunk = source.chunk if source.chunk is not None else -1 - place
    document = uuid.uuid5(uuid.NAMESPACE_URL, source.document or source.name)
    return Passage(chunk, document, source.version, source.title, source.place, None, source.text, source.score)
