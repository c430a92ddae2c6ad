"""Asks the judge. All that is judged is data: escaped, in tags of its own, with what nobody sees taken out.

A reply that asks for a good grade is one more text in a tag. What counts is the object that the judge writes; points
and labels become scores in code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from html import escape
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

import llm
from chat.suspicion.hidden import seen
from evals.answers import Answer
from evals.cases import Case
from evals.reading.quotes import place_of
from evals.rubrics import FRAME, rubric
from llm import Message

SEED = 7
MAX_TOKENS = 2_000
LONGEST = 6_000  # characters of one text
LONGEST_SOURCES = 36_000  # of all sources together
MOST_QUOTES = 12
NOW = "That was the data. Grade now, by the rubric alone."

Written = Annotated[str, AfterValidator(lambda text: text[:4_000])]  # a judge that says too much is no broken one
Where = Literal["question", "answer", "expert_answer", "source"]
T = TypeVar("T", bound=BaseModel)


class Said(BaseModel):
    """What a judge writes, in the order in which it has to think."""

    model_config = ConfigDict(extra="forbid")


class Quote(Said):
    """A few words that the verdict rests on, and where they stand."""

    where: Where
    words: Written


class Verdict(Said):
    """Evidence, then reasoning; what is decided comes last, in a field of each judge's own."""

    evidence: list[Quote]
    reasoning: Written


@dataclass(frozen=True)
class GivenSource:
    """A passage or a look-up under the number that the judge reads. `index` is its place among those of its kind."""

    number: int
    kind: Literal["passage", "lookup"]
    index: int
    title: str
    text: str


class Composed(Exception):
    """What a judge would be asked, and the object that it would have to write: raised in place of asking it."""

    def __init__(self, messages: list[Message], returns: type[BaseModel]) -> None:
        super().__init__("composed, and not asked")
        self.messages, self.returns = messages, returns


_only_composing: ContextVar[bool] = ContextVar("only_composing", default=False)


@contextmanager
def only_composing() -> Iterator[None]:
    """Inside the block judges ask nobody: they raise `Composed` with what they would ask."""
    token = _only_composing.set(True)
    try:
        yield
    finally:
        _only_composing.reset(token)


async def ask_judge(name: str, data: Sequence[str], returns: type[T]) -> T:
    """The judge's verdict by the rubric of that name on texts made by `given`. Raises `llm.errors.LLMError`."""
    messages: list[Message] = [
        {"role": "system", "content": f"{rubric(name)}\n\n{rubric(FRAME)}"},
        {"role": "user", "content": "\n\n".join([*filter(None, data), NOW])},
    ]
    if _only_composing.get():
        raise Composed(messages, returns)
    return await llm.complete(
        messages,
        returns=returns,
        purpose="grade",
        model="judge",
        max_tokens=MAX_TOKENS,
        temperature=0,
        seed=SEED,
    )


def given(tag: str, text: str, *, longest: int = LONGEST, **named: str) -> str:
    """A text as data. What is too long is cut, and the tag says so."""
    shown = seen(text).text.strip()
    if len(shown) > longest:
        named |= {"left_out": f"the last {len(shown) - longest:,} characters"}
        shown = shown[:longest]
    attributes = "".join(f' {name}="{escape(seen(value).text)}"' for name, value in named.items())
    return f"<{tag}{attributes}>\n{escape(shown, quote=False)}\n</{tag}>"


def given_conversation(case: Case) -> str:
    """What was said before, and the question."""
    said = [
        given("earlier", f"Customer: {one.question}\nAssistant: {one.reply}", longest=1_500) for one in case.history
    ]
    return "\n".join([*said, given("question", case.question)])


def sources_of(answer: Answer) -> list[GivenSource]:
    """All that the answer may rest on: cited passages keep their numbers, the others and the look-ups follow."""
    taken = {source.number for source in answer.passages if source.number}
    free = iter(number for number in range(1, len(answer.passages) + len(taken) + 1) if number not in taken)
    passages = [
        GivenSource(source.number or next(free), "passage", n, source.title or source.name, source.text)
        for n, source in enumerate(answer.passages)
    ]
    last = max((source.number for source in passages), default=0)
    lookups = [
        GivenSource(
            last + n, "lookup", n - 1, one.tool, f"{json.dumps(one.arguments, ensure_ascii=False)}\n{one.result}"
        )
        for n, one in enumerate(answer.lookups, start=1)
        if not one.failed
    ]
    return passages + lookups


def given_sources(answer: Answer, *, of: str = "") -> str:
    """The sources by their numbers; of many long ones each is cut to its share. `of` names the answer among two."""
    sources = sources_of(answer)
    longest = min(LONGEST, LONGEST_SOURCES // max(1, len(sources)))
    texts = [
        given("source", one.text, longest=longest, number=str(one.number), kind=one.kind, title=one.title)
        for one in sources
    ]
    whose = f' of="{of}"' if of else ""
    return "\n".join([f"<sources{whose}>", *texts, "</sources>"])


def checked(evidence: Sequence[Quote], case: Case, answer: Answer) -> tuple[dict[str, Any], ...]:
    """The quotes, each with the place at which it stands in its text, or `None`: then the judge made it up."""
    texts = {"question": case.question, "answer": answer.text, "expert_answer": case.expert_answer}
    found = []
    for quote in evidence[:MOST_QUOTES]:
        if quote.where == "source":
            found.append({"where": "source", "quote": quote.words, **place_in_sources(quote.words, answer)})
        else:
            at = place_of(quote.words, texts[quote.where])
            found.append({"where": quote.where, "quote": quote.words, "at": list(at) if at else None})
    return tuple(found)


def place_in_sources(quote: str, answer: Answer, number: int = 0) -> dict[str, Any]:
    """`source` is the kind and index of the first source that has the quote, the one of that number before others."""
    sources = sorted(sources_of(answer), key=lambda source: source.number != number)
    for source in sources:
        if at := place_of(quote, source.text):
            return {"source": {"kind": source.kind, "index": source.index, "title": source.title}, "at": list(at)}
    return {"source": None, "at": None}
