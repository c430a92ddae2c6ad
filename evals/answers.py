"""What the assistant replied to a case, as graders read it and as results keep it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Source:
    """A passage that the model was given. `number` is its citation in the answer, 0 where it is not cited."""

    name: str  # of the file
    title: str
    text: str
    number: int = 0
    place: str = ""
    chunk: int | None = None
    document: str = ""
    version: int = 0
    score: float = 0.0


@dataclass(frozen=True)
class LookedUp:
    """A tool that was called, with what the model was given as data."""

    tool: str
    arguments: dict[str, Any]
    result: str
    failed: bool = False


@dataclass(frozen=True)
class Answer:
    """The reply. Times are in seconds from the question; `dollars` is None where a price is not known.

    `cited` and `found` are file names: cited in the answer, found by the search. `proposed` names the tools that wait
    for a click. `stopped_by` is the guardrail that refused or handed over. `assistant` is the label of the version that
    answered.
    """

    text: str
    cited: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    finish_reason: str = ""
    model: str = ""
    limited: str = ""
    first_word_after: float = 0.0
    whole_after: float = 0.0
    alias: str = ""
    passages: tuple[Source, ...] = ()
    lookups: tuple[LookedUp, ...] = ()
    proposed: tuple[str, ...] = ()
    stopped_by: str = ""
    hands_over: bool = False
    steered: str = ""
    language: str = ""
    findings: tuple[dict[str, Any], ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dollars: float | None = None
    assistant: str = ""
    served_by: str = field(default="model")  # model, or what else answered: guardrail, nothing (no passage was found)

    def as_json(self) -> dict[str, Any]:
        """Plain data, as `Result.answer` keeps it."""
        dumped: dict[str, Any] = _ANSWER.dump_python(self, mode="json")
        return dumped


def answer_from(kept: dict[str, Any]) -> Answer:
    """The answer that was kept, perhaps by a later or an earlier release: what is not known is passed over."""
    return _ANSWER.validate_python(kept, extra="ignore")


_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
