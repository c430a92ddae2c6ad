"""A sentence that gives the assistant orders, and stands so in a document or a tool's result, is not shown.

A model that was taken over by a document repeats it; no article says such a thing to a customer.
"""

from __future__ import annotations

from chat.context import Turn
from chat.grounding import evidence
from chat.grounding.cutting import without
from chat.grounding.statements import plain
from chat.verdicts import Verdict, guardrail


@guardrail(reads="sentence")
async def recited_orders(turn: Turn, text: str) -> Verdict:
    if not evidence.reads_like_an_order(text):
        return Verdict.allow()
    said = plain(text)
    if not any(said in plain(source) for source in evidence.raw_texts(turn)):
        return Verdict.allow()
    return Verdict.rewrite(without(text), "an order of a document")
