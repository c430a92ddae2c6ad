"""Reads a file that is to teach a model, line by line, as strictly as the provider does and in its words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from llm.standin.requests import AssistantMessage, Instruction, Strict, Tool, ToolMessage, UserMessage
from llm.standin.tokens import estimate

LEAST_EXAMPLES = 10
Weight = Literal[0, 1]


class Taught(AssistantMessage):
    """What the model is to say; with a weight of 0 it only stands there."""

    weight: Weight | None = None


Message = Annotated[Instruction | UserMessage | Taught | ToolMessage, Field(discriminator="role")]


class Conversation(Strict):
    """One line for supervised teaching: it ends with what the model is to say."""

    messages: Annotated[list[Message], Field(min_length=1)]
    tools: list[Tool] | None = None
    parallel_tool_calls: bool | None = None

    @model_validator(mode="after")
    def _teaches_something(self) -> Conversation:
        if not any(isinstance(message, Taught) and message.weight != 0 for message in self.messages):
            raise ValueError("Must have at least one message from the assistant with a weight of 1")
        if self.messages[-1].role != "assistant":
            raise ValueError("Last message must be from the assistant")
        return self


class Asked(Strict):
    """What both answers of a preference are answers to."""

    messages: Annotated[list[Message], Field(min_length=1)]
    tools: list[Tool] | None = None
    parallel_tool_calls: bool | None = None


class Preference(Strict):
    """One line for preferences: the same question, a better answer and a worse one."""

    input: Asked
    preferred_output: Annotated[list[AssistantMessage], Field(min_length=1)]
    non_preferred_output: Annotated[list[AssistantMessage], Field(min_length=1)]


SHAPES: dict[str, TypeAdapter[Any]] = {"supervised": TypeAdapter(Conversation), "dpo": TypeAdapter(Preference)}


@dataclass(frozen=True)
class Lesson:
    """What a file holds: its lines as text, and their tokens; or why it cannot be read, in the API's error form."""

    lines: tuple[str, ...] = ()
    tokens: int = 0
    error: dict[str, Any] | None = None


def read(content: bytes, method: str, *, param: str) -> Lesson:
    """Of a training or a validation file (`param`), for a method. The first thing that is wrong is named."""
    lines = content.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    for number, line in enumerate(lines, start=1):
        if problem := _problem_of(line, number, method):
            return Lesson(error=_error("invalid_file_format", f"Invalid file format. {problem}", param))
    if len(lines) < LEAST_EXAMPLES and param == "training_file":
        words = f"Training file has {len(lines)} example(s), but must have at least {LEAST_EXAMPLES} examples"
        return Lesson(error={"code": "invalid_n_examples", "message": words, "param": param})
    return Lesson(tuple(lines), sum(map(estimate, lines)))


def _problem_of(line: str, number: int, method: str) -> str:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        words = "Expected file to have JSONL format, where every line is a valid JSON dictionary."
        return f"{words} Line {number} is not a dictionary."
    try:
        SHAPES[method].validate_python(data)
    except ValidationError as problems:
        first = problems.errors(include_url=False, include_input=False)[0]
        return f"Line {number}, {_where(first['loc'])}{first['msg'].removeprefix('Value error, ')}"
    return ""


def _where(location: tuple[int | str, ...]) -> str:
    """`key "messages", 2, key "content": `; the names of a union's branches are left out."""
    steps = [str(step + 1) if isinstance(step, int) else f'key "{step}"' for step in location]
    shown = [
        step for step in steps if step not in {f'key "{name}"' for name in ("user", "assistant", "tool", "system")}
    ]
    return ", ".join(shown) + ": " if shown else ""


def _error(code: str, message: str, param: str) -> dict[str, Any]:
    kind = param.replace("_", " ")
    article = f"The job failed due to an invalid {kind}."
    return {"code": code, "message": f"{article} {message}"[:1000], "param": param}
