"""A turn that has found some passages, and what a check makes of a sentence or an answer in it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from chat.assistant import Version
from chat.context import Lookup, Turn
from chat.verdicts import Guardrail, Verdict
from chat.versions.states import house
from knowledge.access import Viewer
from knowledge.search import Passage

LATE_FEES = (
    "A late fee of $35 is charged when a payment arrives after the 15th of the month, 8 p.m. Eastern Time. "
    "It can be waived once in 12 months. Call 1-800-555-0142 or write to help@acme.example within two weeks. "
    "Details stand at https://acme.example/fees?plan=basic and change in June."
)


def passage(text: str, title: str = "Late fees", number: int = 1) -> Passage:
    return Passage(
        chunk_id=number,
        document_id=uuid.UUID(int=number),
        version_number=1,
        title=title,
        heading="",
        page=None,
        text=text,
        score=1.0,
    )


def given(
    *texts: str, question: str = "How much is the late fee?", version: dict[str, Any] | None = None, **fields: Any
) -> Turn:
    """A turn of the house's assistant, changed as `version` says, that found these passages and cites them all."""
    passages = tuple(passage(text, number=number) for number, text in enumerate(texts, start=1))
    assistant = house().model_copy(update=version or {})
    turn = Turn(question, Viewer(), Version(0, assistant), passages=passages, **fields)
    turn.cited = list(passages)
    return turn


def looked_up(result: Any, tool: str = "get_mortgage_rates", **arguments: Any) -> Lookup:
    return Lookup(tool, arguments, json.dumps(result), "Looked up")


async def shown(check: Guardrail, turn: Turn, text: str) -> str:
    """What is left of a text that the check does not refuse."""
    verdict: Verdict = await check(turn, text)
    assert verdict.action <= 1, verdict.reason
    return verdict.text if verdict.action else text
