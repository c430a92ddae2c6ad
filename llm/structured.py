"""Answers that code reads: a validated pydantic object or a typed error, whatever the server is able to.

The server is asked for the schema itself where it enforces one, else for any JSON object, with the schema in the
prompt, else in words alone. An answer that does not fit is shown to the model once, with what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from llm.catalogue import model_for
from llm.errors import BadRequest, ContentFiltered, FormRefused, Interrupted, InvalidOutput
from llm.events import Alias, Finished, Message, Text
from llm.forms import Form, Ladder, ladder_of
from llm.json_text import NotJSON, parse
from llm.schemas import strict_schema, without_nulls
from llm.streaming import stream

T = TypeVar("T", bound=BaseModel)
LONGEST = 64_000  # characters: no answer that code reads comes near it
SHOWN = 4_000  # characters of an answer that is shown to the model again
PROBLEMS_SHOWN = 5
IN_WORDS = "Answer with one JSON object and nothing else: no prose, no marks around it. It must fit this JSON schema:\n"
WRONG = "That was not it: {problem}. Write the whole JSON object again, and nothing else."


async def complete(
    messages: Sequence[Message],
    *,
    returns: type[T],
    purpose: str,
    model: Alias = "small",
    max_tokens: int | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    seed: int | None = None,
) -> T:
    """Ask a model for an object: what comes back fits `returns`.

    Raises `InvalidOutput` when the answer does not fit, nor the second one; `ContentFiltered` when the model refuses;
    any other `LLMError` as `llm.stream` does; TypeError for a `returns` that no server could be asked for. Each
    round is a call of its own in the ledger.
    """
    question = Question(
        returns,
        purpose,
        model,
        messages,
        max_tokens,
        {"temperature": temperature, "top_p": top_p, "seed": seed},
    )
    said = await _ask(question)
    try:
        return question.read(said)
    except Misfit as problem:
        question.is_not_enforced(said, problem)
        question = question.again(said, problem)
    said = await _ask(question)
    try:
        return question.read(said)
    except Misfit as problem:
        raise InvalidOutput(f"{purpose}: {problem.kind}") from None


class Misfit(Exception):
    """An answer does not fit. `str()` tells the model; `kind`, for logs, has none of its words."""

    def __init__(self, told: str, kind: str = "", *, is_form: bool = True) -> None:
        super().__init__(told)
        self.kind = kind or told
        self.is_form = is_form  # no server that enforces the schema would have let it pass


class Said(NamedTuple):
    """What a model wrote, why it stopped, and what form it was asked for."""

    text: str
    reason: str
    form: Form


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is asked, of whom, and how its answer is read."""

    returns: type[T]
    purpose: str
    alias: Alias
    messages: Sequence[Message]
    max_tokens: int | None
    sampling: dict[str, Any]
    shown: tuple[Message, ...] = ()  # the first answer, and what was wrong with it

    @property
    def ladder(self) -> Ladder:
        return ladder_of(model_for(self.alias))

    def options(self, form: Form) -> dict[str, Any]:
        """The call of `llm.stream` that asks for the answer in this form."""
        schema = strict_schema(self.returns)
        response_format: dict[str, Any] | None = {"type": form}
        if form == "json_schema":
            shape = {"name": self.returns.__name__[:64], "strict": True, "schema": schema}
            response_format = {"type": form, "json_schema": shape}
        elif form == "text":
            response_format = None
        in_words = form != "json_schema" or bool(self.shown)
        messages = _instructed(self.messages, IN_WORDS + _compact(schema)) if in_words else list(self.messages)
        return {
            "messages": [*messages, *self.shown],
            "purpose": self.purpose,
            "model": self.alias,
            "max_tokens": self.max_tokens,
            "response_format": response_format,
            **self.sampling,
        }

    def read(self, said: Said) -> T:
        """The object that a model wrote. Raises `Misfit` and `ContentFiltered`."""
        if said.reason == "content_filter":
            raise ContentFiltered("the model refused")
        if said.reason == "too_long":
            raise Misfit("it is far too long")
        try:
            value = without_nulls(parse(said.text), self.returns)
        except NotJSON as error:
            raise Misfit(str(error)) from None
        try:
            return self.returns.model_validate(value)
        except ValidationError as error:
            raise _misfit(error) from None

    def again(self, said: Said, problem: Misfit) -> Question[T]:
        """The second round: the model sees its answer and the error. One that was cut gets more room instead."""
        if said.reason == "length" and self.max_tokens:
            return replace(self, max_tokens=self.max_tokens * 2)
        answer: Message = {"role": "assistant", "content": said.text[:SHOWN] or "…"}
        return replace(self, shown=(answer, {"role": "user", "content": WRONG.format(problem=problem)}))

    def is_not_enforced(self, said: Said, problem: Misfit) -> None:
        """Remember a server that takes a schema and does not keep to it: from now on it stands in the prompt."""
        if said.form == "json_schema" and said.reason == "stop" and problem.is_form:
            self.ladder.step_down("json_schema")


async def _ask(question: Question[T]) -> Said:
    """Ask in the best form that the server takes; the last one is plain text, whose errors are the caller's."""
    ladder = question.ladder
    *better, last = ladder.forms(model_for(question.alias))
    refused: list[Form] = []
    for form in better:
        try:
            said = await _say(question, form)
        except (FormRefused, Interrupted):
            if form not in ladder.proven:  # else it broke for another reason
                refused.append(form)
        except BadRequest:
            refused.append(form)
        else:
            ladder.worked(form, instead_of=refused)
            return said
    said = await _say(question, last)
    ladder.worked(last, instead_of=refused)
    return said


async def _say(question: Question[T], form: Form) -> Said:
    text: list[str] = []
    reason, room = "too_long", LONGEST
    async with aclosing(stream(**question.options(form))) as events:
        async for event in events:
            match event:
                case Text(piece):
                    text.append(piece)
                    room -= len(piece)
                case Finished():
                    reason = event.reason
            if room < 0:
                break
    return Said("".join(text), reason, form)


def _instructed(messages: Sequence[Message], words: str) -> list[Message]:
    """The messages with one more paragraph in the instructions: many servers take one system message, the first."""
    first, *rest = messages
    if first["role"] == "system":
        return [{**first, "content": f"{first['content']}\n\n{words}"}, *rest]
    return [{"role": "system", "content": words}, first, *rest]


def _misfit(error: ValidationError) -> Misfit:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    told = "; ".join(f"{'.'.join(map(str, p['loc'])) or 'object'}: {p['msg']}" for p in problems[:PROBLEMS_SHOWN])
    kinds = sorted({problem["type"] for problem in problems})
    is_form = any(kind in ("missing", "extra_forbidden") or kind.endswith("_type") for kind in kinds)
    return Misfit(told[:1_000], ", ".join(kinds[:PROBLEMS_SHOWN]), is_form=is_form)


def _compact(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
