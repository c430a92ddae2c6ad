"""What a judge is asked, and the object that it should write: supervised fine-tuning of a judge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

import llm
from evals.distillation.formats.messages import Message, Strict


class VerdictLine(Strict):
    """The rubric, the data, and the verdict as one JSON object."""

    messages: Annotated[list[Message], Field(min_length=3, max_length=3)]

    @model_validator(mode="after")
    def _ends_with_an_object(self) -> VerdictLine:
        if [one.role for one in self.messages] != ["system", "user", "assistant"]:
            raise ValueError("a rubric, the data, and the verdict")
        if any(one.weight is not None for one in self.messages):
            raise ValueError("no message has a weight")
        if not isinstance(json.loads(self.messages[2].content), dict):
            raise ValueError("the verdict is one JSON object")  # noqa: TRY004 (pydantic reads it)
        return self


def verdict_line(messages: Sequence[llm.Message], verdict: str) -> dict[str, Any]:
    """The line that teaches a judge this verdict, a JSON text."""
    return {"messages": [*map(dict, messages), {"role": "assistant", "content": verdict}]}
