"""A strong model writes cases from a document; what is not borne out by the document is not kept.

All are proposed: none counts before a person has approved it. A document may be hostile: it is data to the model, and
what comes back is checked here: the quote stands in the passages, each fact does, and nothing asks what is asked
already.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Literal

from django.conf import settings
from django.utils.text import slugify
from pydantic import BaseModel, ConfigDict, ValidationError

import llm
from evals.cases import Case
from evals.datasets.likeness import like
from knowledge.models import Chunk, Document
from llm import Message
from llm.cleaning import clean

PURPOSE = "cases"
PROMPT = Path(__file__).parent / "prompts" / "write_cases.md"
CHARACTERS_AT_A_TIME = 8_000
MOST_PARTS = 6  # of a long document
SHORTEST_QUOTE = 12  # characters without blanks; half of it in Chinese
DROPPED = {
    "no_quote": "their quote does not stand in the document",
    "twin": "nearly the same question is in the set already",
    "unusable": "they lack a question or an answer, or are far too long",
}


class WrittenCase(BaseModel):
    """A case as the model writes it."""

    model_config = ConfigDict(extra="forbid")

    question: str
    language: str
    expects: Literal["answer", "unknown"]
    expert_answer: str
    facts: list[str]
    quote: str


class WrittenCases(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    cases: list[WrittenCase]


@dataclass(frozen=True)
class Part:
    """Neighbouring passages of a document, and how many cases are to be made of them."""

    passages: tuple[Chunk, ...]
    wanted: int
    language: str = "en"

    @property
    def text(self) -> str:
        return "\n\n".join(f"{passage.heading}\n{passage.text}" for passage in self.passages)


def parts_of(document: Document, wanted: int) -> list[Part]:
    """The passages of the live version in parts of about the same length, each with its share of the cases."""
    chunks = list(Chunk.objects.filter(version=document.live_version_id).live().order_by("ordinal"))
    pieces = list(_pieces(chunks))[: min(MOST_PARTS, wanted)]
    share, rest = divmod(wanted, max(1, len(pieces)))
    language = document.live_version.language if document.live_version else ""
    return [Part(piece, share + (place < rest), language or "en") for place, piece in enumerate(pieces)]


async def write(part: Part, document: Document, *, languages: Iterable[str] = ()) -> list[WrittenCase]:
    """What the model writes, unchecked. Raises an `LLMError`."""
    passages = "\n".join(
        f'<passage number="{number}" title="{escape(document.title)}" place="{escape(chunk.heading)}">\n'
        f"{escape(chunk.text, quote=False)}\n</passage>"
        for number, chunk in enumerate(part.passages, start=1)
    )
    messages: list[Message] = [
        {"role": "system", "content": _instructions(part.wanted, tuple(languages))},
        {"role": "user", "content": f"<passages>\n{passages}\n</passages>\n\n<wanted>{part.wanted}</wanted>"},
    ]
    written = await llm.complete(messages, returns=WrittenCases, purpose=PURPOSE, model="strong", temperature=0.7)
    return written.cases[: 2 * part.wanted]


def checked(
    written: Iterable[WrittenCase], part: Part, document: Document, *, asked: list[str]
) -> tuple[list[Case], Counter[str]]:
    """The cases that hold, and how many do not by the keys of DROPPED. `asked` grows by the questions of those kept."""
    cases: list[Case] = []
    dropped: Counter[str] = Counter()
    text = _letters(part.text)
    for one in written:
        case = _case(one, part, text, document)
        if isinstance(case, str):
            dropped[case] += 1
        elif like(case.question, asked):
            dropped["twin"] += 1
        else:
            asked.append(case.question)
            cases.append(case)
    return cases, dropped


def cluster_of(document: Document, quote: str) -> str:
    """The same for all that rests on the same sentence of a document."""
    return f"{document.name[:60]}:{_mark(_letters(quote))}"


def _pieces(chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, ...]]:
    piece: list[Chunk] = []
    for chunk in chunks:
        if piece and sum(len(one.text) for one in piece) + len(chunk.text) > CHARACTERS_AT_A_TIME:
            yield tuple(piece)
            piece = []
        piece.append(chunk)
    if piece:
        yield tuple(piece)


def _case(one: WrittenCase, part: Part, text: str, document: Document) -> Case | str:
    """The case, or the reason why it is none."""
    answers = one.expects == "answer"
    quote = _letters(one.quote)
    weight = sum(2 if letter > "\u2e80" else 1 for letter in quote)
    if answers and (weight < SHORTEST_QUOTE or quote not in text):
        return "no_quote"
    question = " ".join(clean(one.question).split())
    language = clean(one.language).strip().lower()[:2] or "en"
    fields = {
        "id": f"{slugify(Path(document.name).stem)[:50] or 'document'}-{_mark(question)}",
        "question": question,
        "language": language,
        "audience": document.collection.audience,
        "expects": one.expects,
        "expert_answer": one.expert_answer,
        "must_include": _facts(one.facts, part.text, is_translated=language != part.language) if answers else [],
        "expected_sources": [document.name] if answers else [],
        "tags": ["synthetic"],
        "cluster": cluster_of(document, one.quote) if answers else "",
    }
    try:
        case = Case.model_validate(fields)
    except ValidationError:
        return "unusable"
    return case if case.expert_answer else "unusable"


def _facts(facts: Iterable[str], text: str, *, is_translated: bool) -> list[list[str]]:
    """Those that stand in the text, at most three. Of a question in another language only figures and short names."""
    plain = _spaced(text)
    there = [fact for fact in dict.fromkeys(clean(fact).strip() for fact in facts) if fact and _stands_in(plain, fact)]
    return [[fact] for fact in there if not (is_translated and re.search(r"[^\W\d_]*[a-z]{2}", fact))][:3]


def _stands_in(text: str, fact: str) -> bool:
    """Whether a fact is there, and not only a part of a longer figure or word."""
    return bool(re.search(rf"(?<!\w){re.escape(_spaced(fact))}(?![a-z0-9])", text)) or (
        not fact.isascii() and _spaced(fact) in text
    )


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", clean(text)).casefold().split())


def _letters(text: str) -> str:
    """Letters and figures alone: quotes differ in blanks, marks and case, and are the same words."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", clean(text)).casefold())


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def _instructions(wanted: int, languages: tuple[str, ...]) -> str:
    others = f"About one in four is asked in one of these languages: {', '.join(languages)}." if languages else ""
    spoken = others or "Ask in the language of the passages."
    return _prompt().substitute(site_name=settings.SITE_NAME, wanted=wanted, languages=spoken)


@cache
def _prompt() -> Template:
    return Template(PROMPT.read_text(encoding="utf-8").strip())
