"""A message as the files of fine-tuning have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Content = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, pattern=r"\S")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Message(Strict):
    """One message. An assistant's of weight 0 is read and not learned; without a weight it is learned."""

    role: Literal["system", "user", "assistant"]
    content: Content
    weight: Literal[0, 1] | None = None


class Said(Strict):
    """What the assistant wrote."""

    role: Literal["assistant"]
    content: Content


class Given(Strict):
    """A message that is only read."""

    role: Literal["system", "user", "assistant"]
    content: Content


class Function(Strict):
    """What a tool is called, and what it takes: `parameters` are a JSON schema."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    description: str = ""
    parameters: dict[str, Any] = {}
    strict: bool | None = None


class Tool(Strict):
    """A tool that the model could have called."""

    type: Literal["function"]
    function: Function


Messages = Annotated[list[Message], Field(min_length=2)]


def check_order(roles: Sequence[str]) -> None:
    """Raises ValueError unless instructions stand at the top alone, and a user's message right before the answer."""
    if "system" in roles[1:]:
        raise ValueError("instructions stand only at the top")
    if not roles or roles[-1] != "user":
        raise ValueError("the last message before the answer is the user's")
