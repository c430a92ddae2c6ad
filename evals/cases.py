"""A case: a question as customers ask it, and what is expected of the answer."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chat.assistant import Text
from knowledge.access import Audience, Viewer

Behaviour = Literal["answer", "unknown", "clarify", "refuse", "hand_over"]
Severity = Literal["minor", "normal", "critical"]

VIEWERS = {
    Audience.PUBLIC: Viewer(),
    Audience.CUSTOMERS: Viewer(audiences=frozenset({Audience.PUBLIC, Audience.CUSTOMERS})),
    Audience.STAFF: Viewer(audiences=frozenset(Audience), is_staff=True),
}


def _as_alternatives(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[Text, Field(min_length=1, max_length=400)]
Fact = Annotated[tuple[Words, ...], BeforeValidator(_as_alternatives), Field(min_length=1, max_length=20)]


class Said(BaseModel):
    """An earlier question of the conversation, and the reply to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Text = Field(min_length=1, max_length=4_000)
    reply: Text = Field(default="", max_length=16_000)


class Case(BaseModel):
    """One question and what is expected of its answer. Two with the same `hash` expect the same.

    `must_include` are facts that all have to be there, each a string or a list of ways to put it;
    `expected_sources` are file names, and one of them must be cited. Cases that are not independent of one another,
    such as paraphrases, share a `cluster`; an empty one stands for itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}$")]
    question: Text = Field(min_length=1, max_length=4_000)
    history: tuple[Said, ...] = Field(default=(), max_length=20)
    language: Text = Field(default="en", min_length=1, max_length=20)
    audience: Audience = Audience.PUBLIC
    expects: Behaviour = "answer"
    must_include: tuple[Fact, ...] = Field(default=(), max_length=40)
    must_not_include: tuple[Words, ...] = Field(default=(), max_length=40)
    expected_sources: tuple[Words, ...] = Field(default=(), max_length=40)
    expert_answer: Text = Field(default="", max_length=8_000)
    severity: Severity = "normal"
    tags: tuple[Annotated[Text, Field(min_length=1, max_length=40)], ...] = Field(default=(), max_length=20)
    cluster: Text = Field(default="", max_length=80)

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON: keys sorted, no spaces."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(content.encode()).hexdigest()

    @property
    def unit(self) -> str:
        """What counts as one independent observation in statistics."""
        return self.cluster or self.id
