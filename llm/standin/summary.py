"""Sums up a conversation: what was asked, and how each answer began."""

from __future__ import annotations

import html
import re
from typing import Any

from llm.standin import conversation, units
from llm.standin.exchange import Exchange

FIELDS = frozenset({"summary"})
BEFORE = re.compile(r"<summary>([^<]*)</summary>")
CITATION = re.compile(r"\s?\[\d{1,3}\]")
LONGEST = 1_200  # characters; the oldest sentences go first


def write(exchange: Exchange) -> dict[str, Any]:
    """The summary so far, and a sentence for each question and each answer since."""
    before = BEFORE.search(exchange.prompt.asked)
    sentences = units.sentences(html.unescape(before[1])) if before else []
    for who, words in conversation.said(exchange.prompt.asked):
        plain = " ".join(CITATION.sub("", words).split())
        first = next(iter(units.sentences(plain)), plain)[:300]
        sentences.append(f"The customer asked: {first}" if who == "customer" else f"The answer was: {first}")
    while len(" ".join(sentences)) > LONGEST:
        sentences.pop(0)
    return {"summary": " ".join(sentences) or "Nothing was said."}
