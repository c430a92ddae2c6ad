"""Puts quoted units together as Markdown, each passage's part with its citation mark."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from llm.standin import phrases
from llm.standin.languages import IDEOGRAPHS
from llm.standin.prompt import Passage
from llm.standin.units import Unit

MAX_WORDS = 90
ENDS = ".!?…:;。！？：；"
LEANING = re.compile(
    r"(it|its|they|them|their|this|these|those|that|he|she|his|her|however|but|otherwise|if not|if so|in that case|"
    r"in this case|in both cases|then|also|instead|afterwards?|after that|if (it|they|you have)|"
    r"sin embargo|pero|si no|en (ese|este|tal) caso|además|después|entonces|est[aeo]s?|es[aeo]s?|ell[oa]s?|"
    r"para ello|para hacerlo)\b|但|否则|不过|然后|此外|这|它|他们|届时|之后",
    re.IGNORECASE,
)


def leans_on_previous(text: str) -> bool:
    """Whether a sentence begins with a word that points back: "It takes…", "However, …"."""
    return bool(LEANING.match(text))


def quote(picks: Sequence[Unit], passages: Sequence[Passage], language: str) -> str:
    """Sentences run on, lists keep their lines; the mark of a passage stands after the last of its words."""
    parts = [
        _quote_passage(list(group), passages[index].number, language)
        for index, group in itertools.groupby(picks, key=lambda unit: unit.passage)
    ]
    return _join(parts)


def _quote_passage(picks: Sequence[Unit], number: int, language: str) -> str:
    blocks = [_quote_list(unit, language) if unit.items else _sentence(unit) for unit in picks]
    return f"{_join(blocks)} [{number}]"


def _quote_list(unit: Unit, language: str) -> str:
    lead_in = unit.lead_in
    if not lead_in and unit.heading and not unit.answers_a_question:
        lead_in = f"{unit.heading}:"
    elif not lead_in and unit.is_steps:
        lead_in = phrases.STEPS[language]
    return "\n".join([*([lead_in, ""] if lead_in else []), *(_clean(item) for item in unit.items)])


def _sentence(unit: Unit) -> str:
    text = _clean(unit.text)
    if unit.kind == "item" and unit.lead_in:
        text = f"{unit.lead_in} {text}"
    if unit.position == 0 and text[:1].islower():
        text = f"… {text}"  # the passage begins within a sentence
    if text[-1:] in ENDS or text[-2:-1] in ENDS:
        return text
    return text + ("。" if IDEOGRAPHS.match(text[-1:]) else ".")


def _clean(text: str) -> str:
    words = text.split()
    return " ".join(words[:MAX_WORDS]) + (" …" if len(words) > MAX_WORDS else "")


def _join(parts: Sequence[str]) -> str:
    """Prose goes on in its line, a list stands by itself."""
    text = ""
    for part in parts:
        if not text:
            text = part
        elif "\n" in part or "\n" in text.rsplit("\n\n", 1)[-1]:
            text += f"\n\n{part}"
        else:
            text += ("" if IDEOGRAPHS.match(part) and text[-1] in ENDS else " ") + part
    return text
