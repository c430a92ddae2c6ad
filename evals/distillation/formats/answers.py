"""A conversation that ends with a good answer: supervised fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import model_validator

from evals.distillation.formats.messages import Messages, Strict, Tool, check_order
from llm import Message


class AnswerLine(Strict):
    """Only the last message is learned: what the assistant said before, and its examples, weigh nothing."""

    messages: Messages
    tools: list[Tool] | None = None

    @model_validator(mode="after")
    def _ends_with_the_answer(self) -> AnswerLine:
        *before, last = self.messages
        if last.role != "assistant" or last.weight == 0:
            raise ValueError("the last message is the answer that is learned")
        if any(one.weight is not None and one.role != "assistant" for one in self.messages):
            raise ValueError("only what the assistant says has a weight")
        if any(one.role == "assistant" and one.weight != 0 for one in before):
            raise ValueError("an earlier answer would be learned too")
        check_order([one.role for one in before])
        return self


def answer_line(messages: Sequence[Message], tools: Sequence[dict[str, Any]], answer: str) -> dict[str, Any]:
    """The line that teaches this answer to these messages, though these tools could have been called."""
    before = [_unlearned(one) if one["role"] == "assistant" else dict(one) for one in messages]
    line: dict[str, Any] = {"messages": [*before, {"role": "assistant", "content": answer}]}
    return line | ({"tools": list(tools)} if tools else {})


def _unlearned(message: Message) -> dict[str, Any]:
    return {**message, "weight": 0}
