"""Questions that a customer may ask next: about what the passages head and the answer did not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from llm.standin import languages, units
from llm.standin.exchange import Exchange
from llm.standin.languages import Language

FIELDS = frozenset({"questions"})
MOST = 3
ABOUT = {"en": "What should I know about {}?", "es": "¿Qué debo saber sobre {}?", "zh": "关于“{}”需要知道什么？"}
DOES = re.compile(
    r"(?:apply|ask|cancel|change|close|download|file|lock|make|open|pay|register|report|reset|send|set|sign|stop|turn|"
    r"update|upload|withdraw)\b",
    re.IGNORECASE,
)
SAME = 0.6  # share of its words from which a heading asks what was asked
TOO_GENERAL = {"questions", "contact", "help", "note", "notes", "before you start", "example", "overview"}


def suggest(exchange: Exchange) -> dict[str, Any]:
    """Up to three, each about another heading."""
    asked = exchange.prompt
    language = languages.detect(asked.question)
    known = set(language.terms(f"{asked.question} {asked.asked.partition('<answer>')[2]}"))
    found: list[str] = []
    for heading in dict.fromkeys(_headings(exchange)):
        terms = set(language.terms(heading))
        if terms and len(terms & known) < SAME * len(terms) and languages.detect(heading) is language:
            found.append(_as_question(heading, language))
            known |= terms
    return {"questions": found[:MOST]}


def _headings(exchange: Exchange) -> Iterator[str]:
    for number, passage in enumerate(exchange.prompt.passages):
        for unit in units.split(passage, number):
            heading = unit.heading.strip(" #*:")
            if 3 < len(heading) < 90 and heading.casefold().rstrip("?") not in TOO_GENERAL:
                yield heading


def _as_question(heading: str, language: Language) -> str:
    if heading.endswith(("?", "？")):
        return heading
    lower = heading if heading[:2].isupper() else heading[:1].lower() + heading[1:]
    if language.code == "en" and lower.startswith("if you "):
        return f"What happens {lower.replace('if you ', 'if I ').replace(' your ', ' my ')}?"
    if language.code == "en" and DOES.match(heading):
        return f"How do I {lower.replace(' your ', ' my ')}?"
    return ABOUT[language.code].format(lower)
