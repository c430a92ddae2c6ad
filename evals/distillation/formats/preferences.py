"""Two answers to the same messages, of which one is better: preference tuning (DPO)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from evals.distillation.formats.messages import Given, Said, Strict, Tool, check_order
from llm import Message

One = Annotated[list[Said], Field(min_length=1, max_length=1)]


class Input(Strict):
    """What both answers answer."""

    messages: Annotated[list[Given], Field(min_length=1)]
    tools: list[Tool]
    parallel_tool_calls: bool


class PreferenceLine(Strict):
    input: Input
    preferred_output: One
    non_preferred_output: One

    @model_validator(mode="after")
    def _one_is_better(self) -> PreferenceLine:
        check_order([one.role for one in self.input.messages])
        if self.preferred_output[0].content.strip() == self.non_preferred_output[0].content.strip():
            raise ValueError("both answers are the same")
        return self


def preference_line(
    messages: Sequence[Message], tools: Sequence[dict[str, Any]], better: str, worse: str
) -> dict[str, Any]:
    """The line that says which of two answers to these messages is the better one."""
    return {
        "input": {"messages": [dict(one) for one in messages], "tools": list(tools), "parallel_tool_calls": True},
        "preferred_output": [{"role": "assistant", "content": better}],
        "non_preferred_output": [{"role": "assistant", "content": worse}],
    }
