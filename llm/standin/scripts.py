"""Strict scripts for tests: each line says what the next call must be like and what it is answered."""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from llm.standin import body, prompt, tokens
from llm.standin.errors import ApiError, unknown_model
from llm.standin.reply import FINGERPRINT, FinishReason, Pace, Reply, ToolCall
from llm.standin.requests import ChatRequest, Strict

PREFIX = "script-"
KEPT = 500


class Expected(Strict):
    """What the call must be like; what is not named may be anything."""

    contains: list[str] | str = []
    lacks: list[str] | str = []
    tools: bool | list[str] | None = None
    tool_choice: str | None = None
    response_format: Literal["text", "json_object", "json_schema"] | None = None
    stream: bool | None = None
    seed: int | None = None
    temperature: float | None = None
    model: str | None = None
    messages: Annotated[int, Field(ge=1)] | None = None


class ScriptedCall(Strict):
    """A tool call; arguments given as text are sent as they are, valid or not."""

    name: str
    arguments: dict[str, Any] | str = "{}"


class Scripted(Strict):
    """What the call is answered. With `status` it is an error of that status."""

    text: str = ""
    tool_calls: list[ScriptedCall] = []
    finish_reason: FinishReason | None = None
    refusal: str | None = None
    first_token_ms: float | None = None
    tokens_per_second: float | None = None
    system_fingerprint: str | None = FINGERPRINT
    model: str | None = None
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    retry_after: str | None = None

    def reply(self) -> Reply:
        """The reply that this line stands for."""
        if self.status is not None:
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            raise ApiError("The script wants this error.", status=self.status, code="scripted", headers=headers)
        has_pace = self.first_token_ms is not None or self.tokens_per_second is not None
        return Reply(
            pieces=tuple(tokens.split(self.text)),
            tool_calls=tuple(ToolCall(call.name, _as_json(call.arguments)) for call in self.tool_calls),
            finish_reason=self.finish_reason or ("tool_calls" if self.tool_calls else "stop"),
            refusal=self.refusal,
            fingerprint=self.system_fingerprint,
            pace=Pace(self.first_token_ms or 0, self.tokens_per_second or 0) if has_pace else None,
            served_by=self.model,
        )


class Line(Strict):
    """One call and its answer."""

    expect: Expected = Expected()
    reply: Scripted = Scripted()


class NewScript(Strict):
    """POST /standin/scripts."""

    lines: Annotated[list[Line], Field(min_length=1, max_length=200)]


@dataclass
class Script:
    """Lines that are still to be played, and what came."""

    lines: list[Line]
    calls: list[dict[str, Any]] = field(default_factory=list)
    unexpected: list[dict[str, Any]] = field(default_factory=list)

    def play(self, asked: ChatRequest) -> Reply:
        """The next line's reply; a call too many, or one that is not as expected, is remembered and a 500."""
        seen = asked.model_dump(exclude_unset=True, by_alias=True)
        self.calls.append(seen)
        reason = differences(self.lines[0].expect, asked) if self.lines else "the script has no line left"
        if reason:
            self.unexpected.append({"reason": reason, "call": seen})
            raise ApiError(f"Unexpected call: {reason}", status=500, code="unexpected_call", kind="server_error")
        return self.lines.pop(0).reply.reply()


class Scripts:
    """All scripts that tests have handed in, the oldest forgotten."""

    def __init__(self) -> None:
        self._scripts: OrderedDict[str, Script] = OrderedDict()

    def add(self, lines: list[Line]) -> str:
        """The model name under which the lines will be played."""
        model = PREFIX + secrets.token_hex(6)
        self._scripts[model] = Script(list(lines))
        if len(self._scripts) > KEPT:
            self._scripts.popitem(last=False)
        return model

    def get(self, model: str) -> Script:
        """The script of that model name."""
        if model not in self._scripts:
            raise unknown_model(model)
        return self._scripts[model]


async def create_script(request: Request) -> Response:
    """Takes the lines of a script and names the model that plays it."""
    new = body.validate(await body.read_json(request), NewScript)
    return JSONResponse({"model": request.app.state.scripts.add(new.lines)}, 201)


async def show_script(request: Request) -> Response:
    """What was asked, how many lines are left, and which calls were not expected."""
    script: Script = request.app.state.scripts.get(request.path_params["model"])
    return JSONResponse({"calls": script.calls, "left": len(script.lines), "unexpected": script.unexpected})


def differences(expected: Expected, asked: ChatRequest) -> str:
    """In words, how the call differs from what was expected; empty when it does not."""
    text = "\n".join(prompt.text_of(message.content) for message in asked.messages)
    names = [tool.function.name for tool in asked.tools or ()]
    actual: dict[str, Any] = {
        "tools": bool(names) if isinstance(expected.tools, bool) else names,
        "response_format": asked.response_format.type if asked.response_format else "text",
        "stream": bool(asked.stream),
        "messages": len(asked.messages),
        **{name: getattr(asked, name) for name in ("tool_choice", "seed", "temperature", "model")},
    }
    found = [f"does not contain {part!r}" for part in _many(expected.contains) if part not in text]
    found += [f"contains {part!r}" for part in _many(expected.lacks) if part in text]
    for name, value in actual.items():
        wanted = getattr(expected, name)
        if wanted is not None and wanted != value:
            found.append(f"{name} is {value!r}, not {wanted!r}")
    return "; ".join(found)


def _many(value: list[str] | str) -> list[str]:
    return [value] if isinstance(value, str) else value


def _as_json(arguments: dict[str, Any] | str) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
