"""Writes test cases, and questions to learn from: one made from each heading, and the sentence below it as its answer.

It quotes and invents nothing, so it writes no questions that the passages leave open, and none in another language.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from llm.standin import languages, units
from llm.standin.exchange import Exchange
from llm.standin.follow_ups import TOO_GENERAL, as_question
from llm.standin.units import Unit

FIELDS = frozenset({"cases"})
QUESTIONS = frozenset({"written"})
ASKED = re.compile(r"<asked>\n([^<]*)\n</asked>")
WANTED = re.compile(r"<wanted>(\d{1,3})</wanted>")
MOST = 20
FACT = re.compile(
    r"[$€£]\d[\d,.]*\d|[$€£]\d|\d+(?:[.,]\d+)*\s?(?:%|days?|months?|years?|días|meses|天|个月|年|元|美元)"
)
MOST_FACTS = 2


def write(exchange: Exchange) -> dict[str, Any]:
    """As many as are wanted, or as there are headings with something below them."""
    asked = WANTED.search(exchange.prompt.asked)
    most = min(int(asked[1]) if asked else MOST, MOST)
    return {"cases": [_case(unit) for unit, _ in zip(_worth_asking(exchange), range(most), strict=False)]}


def write_questions(exchange: Exchange) -> dict[str, Any]:
    """Questions to learn from: as the cases; or the one that was asked in vain, with the first fitting sentence."""
    cases = write(exchange)["cases"]
    if asked := ASKED.search(exchange.prompt.asked):
        cases = [case | {"question": html.unescape(asked[1])} for case in cases[:1]]
    return {"written": [_to_learn(case) for case in cases]}


def _to_learn(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "question": case["question"],
        "language": case["language"],
        "difficulty": "easy",
        "quotes": [case["quote"]],
        "answer": case["expert_answer"],
    }


def _worth_asking(exchange: Exchange) -> Iterator[Unit]:
    """The first sentence or row with a figure below each heading, else the first one."""
    below: dict[str, list[Unit]] = {}
    for number, passage in enumerate(exchange.prompt.passages):
        for unit in units.split(passage, number):
            heading = unit.heading.strip(" #*:")
            if 3 < len(heading) < 90 and heading.casefold().strip("¿?") not in TOO_GENERAL:
                below.setdefault(heading, []).append(unit)
    for found in below.values():
        yield next((unit for unit in found if unit.kind == "sentence" and FACT.search(unit.text)), found[0])


def _case(unit: Unit) -> dict[str, Any]:
    heading = unit.heading.strip(" #*:")
    language = languages.detect(f"{heading} {unit.text}")
    return {
        "question": as_question(heading, language),
        "language": language.code,
        "expects": "answer",
        "expert_answer": unit.text,
        "facts": list(dict.fromkeys(FACT.findall(unit.text)))[:MOST_FACTS],
        "quote": unit.text,
    }
