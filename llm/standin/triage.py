"""Reads a question before it is searched, as the product's triage asks for it."""

from __future__ import annotations

import re
from typing import Any

from llm.standin import conversation, languages
from llm.standin.exchange import Exchange

FIELDS = frozenset({"standalone", "language", "topic", "difficulty", "needs_tools"})
HARD = re.compile(
    r"\b(compare|compared|versus|vs|difference|better|instead|why|calculate|work out|both|if .+ then|"
    r"comparar|diferencia|mejor|por qué|calcular)\b|比较|区别|为什么|计算",
    re.IGNORECASE,
)
NEEDS_TOOLS = re.compile(
    r"\b(today|current|right now|rates?|monthly payment|my (loan )?application|hoy|actual|tasas?|tipos? de interés|"
    r"mi solicitud)\b|今天|现在|利率|我的申请",
    re.IGNORECASE,
)
MANY_WORDS = 25
TOPIC_WORDS = 4


def read(exchange: Exchange) -> dict[str, Any]:
    """The fields of the triage."""
    question = exchange.prompt.question
    earlier = [words for who, words in conversation.said(exchange.prompt.asked) if who == "customer"]
    whole = conversation.standalone(question, earlier)
    language = languages.detect(whole)
    is_hard = len(whole.split()) > MANY_WORDS or bool(HARD.search(whole))
    return {
        "standalone": whole,
        "language": language.code,
        "topic": " ".join(dict.fromkeys(language.terms(whole)[:TOPIC_WORDS]))[:80],
        "difficulty": "hard" if is_hard else "easy",
        "needs_tools": bool(NEEDS_TOOLS.search(whole)),
    }
