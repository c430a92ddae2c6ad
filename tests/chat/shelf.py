"""Two guardrails that stand for a shelf in tests."""

from __future__ import annotations

from chat.context import Turn
from chat.verdicts import Guardrail, Verdict, guardrail


@guardrail(reads="question")
async def short(turn: Turn, text: str) -> Verdict:
    """Refuses a question that is too long."""
    return Verdict.allow()


@guardrail(reads="answer")
async def polite(turn: Turn, text: str) -> Verdict:
    """Rewrites what is <b>rude</b>."""
    return Verdict.allow()


SHELF: dict[str, Guardrail] = {check.name: check for check in (short, polite)}
