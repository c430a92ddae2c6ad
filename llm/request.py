"""What is asked of a model: only what was set, and only what its server can take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings

from llm.catalogue import Model
from llm.cleaning import clean_json
from llm.events import Message


@dataclass(frozen=True)
class ChatRequest:
    """One question to a chat model, whichever model is asked in the end."""

    messages: Sequence[Message]
    tools: Sequence[Mapping[str, Any]] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    tool_choice: Literal["auto", "none"] | None = None
    response_format: Mapping[str, Any] | None = None

    def body(self, model: Model) -> dict[str, Any]:
        """The request as it goes over the wire to `model`; its text is cleaned."""
        return {"model": model.name, "messages": clean_json(self.messages), **self._parameters(model)}

    def _parameters(self, model: Model) -> dict[str, Any]:
        optional = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "seed": self.seed,
            "tools": clean_json(self.tools) or None,
            "tool_choice": self.tool_choice if self.tools else None,
            "response_format": self.response_format if self._wants_what_it_takes(model) else None,
        }
        set_here = {name: value for name, value in optional.items() if value is not None and model.takes(name)}
        if self.max_tokens is not None:
            set_here[settings.LLM_TOKEN_LIMIT_NAME] = self.max_tokens
        if model.takes("usage"):
            set_here["stream_options"] = {"include_usage": True}
        return set_here

    def _wants_what_it_takes(self, model: Model) -> bool:
        return self.response_format is not None and model.takes(self.response_format["type"])
