"""The strong model writes questions as customers may ask them, for a small model to learn from.

What it writes from may be hostile: a document or a customer's words. It is data to the model, and what comes back is
checked here: each quote stands in the passages, nothing personal is asked, nothing is asked twice, and nothing that the
golden cases ask.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict

import llm
from chat.privacy.masks import PLACEHOLDER, redact
from evals.datasets.likeness import like
from evals.datasets.writing import Part, cluster_of
from evals.reading.quotes import place_of
from knowledge.models import Document
from knowledge.search import Passage
from llm import Message
from llm.cleaning import clean

PURPOSE = "teach"
PROMPTS = Path(__file__).parent / "prompts"
LONGEST, SHORTEST = 1_000, 4  # characters of a question
LONGEST_ANSWER = 4_000
CODE = re.compile(r"([a-z]{2})(?![a-z])")
DROPPED = {
    "no_quote": "what they rest on does not stand in the passages",
    "personal": "they hold personal data",
    "unusable": "they lack a question or an answer, or are far too long",
    "twin": "nearly the same question is there already",
    "golden": "a golden case asks nearly the same, or rests on the same sentence",
}


class WrittenQuestion(BaseModel):
    """A question as the model writes it."""

    model_config = ConfigDict(extra="forbid")

    question: str
    language: str
    difficulty: Literal["easy", "medium", "hard"]
    quotes: list[str]
    answer: str


class WrittenQuestions(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    written: list[WrittenQuestion]


@dataclass(frozen=True)
class Given:
    """What one call writes from: passages as (title, place, text), and how many questions are wanted of them.

    `asked` is what a customer asked in vain, with personal data masked; empty where a document is the source.
    """

    passages: tuple[tuple[str, str, str], ...]
    wanted: int
    asked: str = ""

    @property
    def text(self) -> str:
        return "\n\n".join(text for _, _, text in self.passages)


@dataclass
class Known:
    """What is asked already: by training questions, kept or dropped, and by golden cases with their clusters."""

    questions: list[str]
    golden: Sequence[str] = ()
    golden_clusters: Collection[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Checked:
    """A question that was written, and why it is dropped: a key of DROPPED, or ""."""

    question: str
    language: str
    difficulty: str
    expert: str
    cluster: str
    why_dropped: str = ""


def given_part(part: Part, title: str) -> Given:
    """The passages of a part of a document."""
    return Given(tuple((title, chunk.heading, chunk.text) for chunk in part.passages), part.wanted)


def given_found(asked: str, passages: Iterable[Passage]) -> Given:
    """What a search finds now for a question that was not answered then. `asked` is masked."""
    return Given(tuple((one.title, one.place, one.text) for one in passages), 1, asked)


async def write(given: Given, *, languages: Iterable[str] = ()) -> list[WrittenQuestion]:
    """What the model writes, unchecked. Raises an `LLMError`."""
    passages = "\n".join(
        f'<passage number="{number}" title="{escape(title)}" place="{escape(place)}">\n'
        f"{escape(text, quote=False)}\n</passage>"
        for number, (title, place, text) in enumerate(given.passages, start=1)
    )
    asked = f"<asked>\n{escape(given.asked, quote=False)}\n</asked>\n\n" if given.asked else ""
    messages: list[Message] = [
        {"role": "system", "content": _instructions(given, tuple(languages))},
        {
            "role": "user",
            "content": f"{asked}<passages>\n{passages}\n</passages>\n\n<wanted>{given.wanted}</wanted>",
        },
    ]
    said = await llm.complete(messages, returns=WrittenQuestions, purpose=PURPOSE, model="strong", temperature=0.8)
    return said.written[: 2 * given.wanted]


def checked(written: Iterable[WrittenQuestion], given: Given, document: Document | None, known: Known) -> list[Checked]:
    """All that was written, each with what speaks against it. `known.questions` grows by those that are kept."""
    found = []
    for one in written:
        question = " ".join(clean(one.question).split())
        cluster = cluster_of(document, one.quotes[0]) if document and one.quotes else ""
        why = _why_not(question, one, given) or _why_not_again(question, cluster, known)
        if not why:
            known.questions.append(question)
        expert = _plain(one.answer)[:LONGEST_ANSWER]
        found.append(Checked(question[:LONGEST], _language(one), one.difficulty, expert, cluster, why))
    return found


def _why_not(question: str, one: WrittenQuestion, given: Given) -> str:
    """What is wrong with a question by itself."""
    if not SHORTEST <= len(question) <= LONGEST or not 0 < len(_plain(one.answer)) <= LONGEST_ANSWER:
        return "unusable"
    if not one.quotes or any(place_of(quote, given.text) is None for quote in one.quotes):
        return "no_quote"
    return "personal" if redact(question) != question or PLACEHOLDER.search(question) else ""


def _why_not_again(question: str, cluster: str, known: Known) -> str:
    if cluster in known.golden_clusters or like(question, known.golden):
        return "golden"
    return "twin" if like(question, known.questions) else ""


def _plain(text: str) -> str:
    return clean(text).strip()


def _language(one: WrittenQuestion) -> str:
    """Two letters; English where the model wrote something else."""
    code = CODE.match(_plain(one.language).lower())
    return code[1] if code else "en"


def _instructions(given: Given, languages: tuple[str, ...]) -> str:
    others = f"About one in four is asked in one of these languages: {', '.join(languages)}." if languages else ""
    if given.asked:
        return _prompt("questions_from_unanswered").substitute(
            site_name=settings.SITE_NAME, wanted=given.wanted, languages="In the language of the customer's question."
        )
    return _prompt("questions_from_document").substitute(
        site_name=settings.SITE_NAME, wanted=given.wanted, languages=others or "Ask in the language of the passages."
    )


@cache
def _prompt(name: str) -> Template:
    return Template((PROMPTS / f"{name}.md").read_text(encoding="utf-8").strip())
