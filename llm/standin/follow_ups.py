"""Questions that a customer may ask next: about what the passages head and the answer did not tell."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from llm.standin import extractive, languages, units
from llm.standin.exchange import Exchange
from llm.standin.languages import Language

FIELDS = frozenset({"questions"})
MOST = 3
MOST_TRIED = 10  # headings
PASSAGES_READ = 4  # search put the better ones first
ABOUT = {
    "en": "What should I know about “{}”?",
    "es": "¿Qué debo saber sobre «{}»?",
    "zh": "关于“{}”需要知道什么？",
}
DOES = re.compile(
    r"(?:apply|ask|cancel|change|close|download|file|lock|make|open|pay|register|report|reset|send|set|sign|stop|turn|"
    r"update|upload|withdraw)\b",
    re.IGNORECASE,
)
SAME = 0.6  # share of its words from which a heading asks what was asked
TOO_GENERAL = {"questions", "contact", "help", "note", "example", "overview", "before you start", "antes de empezar"}


def suggest(exchange: Exchange) -> dict[str, Any]:
    """Up to three, each about another heading."""
    asked = exchange.prompt
    language = languages.detect(asked.question)
    known = set(language.terms(f"{asked.question} {asked.asked.partition('<answer>')[2]}"))
    found: list[str] = []
    for heading in itertools.islice(dict.fromkeys(_headings(exchange)), MOST_TRIED):
        terms = set(language.terms(heading))
        if not terms or len(terms & known) >= SAME * len(terms) or languages.detect(heading) is not language:
            continue
        question = as_question(heading, language)
        if extractive.find(replace(asked, question=question), exchange.embedder):  # else it could not answer it
            found.append(question)
            known |= terms
        if len(found) == MOST:
            break
    return {"questions": found}


def _headings(exchange: Exchange) -> Iterator[str]:
    for number, passage in enumerate(exchange.prompt.passages[:PASSAGES_READ]):
        for unit in units.split(passage, number):
            heading = unit.heading.strip(" #*:")
            if 3 < len(heading) < 90 and heading.casefold().strip("¿?") not in TOO_GENERAL:
                yield heading


def as_question(heading: str, language: Language) -> str:
    """A heading as a customer may ask for what stands below it."""
    if heading.endswith(("?", "？")):
        return heading
    lower = heading if heading[:2].isupper() else heading[:1].lower() + heading[1:]
    if language.code == "en" and lower.startswith("if you "):
        return f"What happens {lower.replace('if you ', 'if I ').replace(' your ', ' my ')}?"
    if language.code == "en" and DOES.match(heading):
        return f"How do I {lower.replace(' your ', ' my ')}?"
    return ABOUT[language.code].format(heading)
