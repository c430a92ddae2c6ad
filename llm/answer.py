"""An answer, put together from the chunks of its stream."""

from __future__ import annotations

from typing import Any

from llm.cleaning import StreamCleaner, clean
from llm.events import ToolCall, Usage


class Answer:
    """What a model has said so far. Chunks without choices, with a null delta or of odd types add nothing."""

    def __init__(self) -> None:
        self.characters = 0
        self.finish_reason = ""
        self.served_by = ""
        self.fingerprint = ""
        self.usage: Usage | None = None
        self._is_refused = False
        self._calls: dict[int, dict[str, str]] = {}
        self._cleaner = StreamCleaner()

    @property
    def has_begun(self) -> bool:
        """Whether a word or a tool call came: after that nothing is asked again."""
        return self.characters > 0

    @property
    def reason(self) -> str:
        """Why it ended: stop, length, tool_calls, content_filter, or empty when it has not."""
        return "content_filter" if self._is_refused else self.finish_reason

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls in the order of their first fragments."""
        return tuple(
            ToolCall(clean(call["id"]), clean(call["name"]), clean(call["arguments"])) for call in self._calls.values()
        )

    def add(self, chunk: dict[str, Any]) -> str:
        """Take in one chunk and return the text that it adds."""
        self.served_by = self.served_by or _text(chunk, "model")
        self.fingerprint = self.fingerprint or _text(chunk, "system_fingerprint")
        if chunk.get("usage"):
            self.usage = _usage(chunk["usage"])
        choice = _first(chunk.get("choices"))
        self.finish_reason = _text(choice, "finish_reason") or self.finish_reason
        delta = choice.get("delta")
        return self._add_delta(delta) if isinstance(delta, dict) else ""

    def _add_delta(self, delta: dict[str, Any]) -> str:
        if delta.get("refusal"):
            self._is_refused = True
        if delta.get("tool_calls"):
            self._add_fragments(delta["tool_calls"])
        content = delta.get("content")
        text = self._cleaner.feed(content) if content and isinstance(content, str) else ""
        self.characters += len(text)
        return text

    def _add_fragments(self, fragments: Any) -> None:
        """Fragments of one call share an index; servers without indexes send each call whole, with an id."""
        for fragment in fragments if isinstance(fragments, list) else []:
            if not isinstance(fragment, dict):
                continue
            index = fragment.get("index")
            if not isinstance(index, int):
                index = len(self._calls) - (0 if fragment.get("id") else 1)
            call = self._calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
            function = fragment.get("function")
            function = function if isinstance(function, dict) else {}
            call["id"] = call["id"] or _text(fragment, "id")
            call["name"] = call["name"] or _text(function, "name")
            call["arguments"] += _text(function, "arguments")
            self.characters += len(_text(fragment, "id")) + len(_text(function, "arguments"))


def _text(source: dict[str, Any], key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def _first(choices: Any) -> dict[str, Any]:
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}


def _usage(counted: Any) -> Usage | None:
    """The server's own count, if it is one."""
    if not isinstance(counted, dict):
        return None
    tokens = [counted.get(key) or 0 for key in ("prompt_tokens", "completion_tokens")]
    if not all(isinstance(number, int) and 0 <= number < 2**31 for number in tokens):
        return None
    return Usage(*tokens)
