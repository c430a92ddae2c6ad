"""An answer, put together from the chunks of its stream."""

from __future__ import annotations

from typing import Any

from llm.cleaning import StreamCleaner, clean
from llm.events import ToolCall, Usage


class Answer:
    """What a model has said so far. A chunk without choices, with a null delta or of odd types adds nothing."""

    def __init__(self) -> None:
        self.characters = 0  # of text and of tools' arguments
        self.finish_reason = ""
        self.served_by = ""
        self.fingerprint = ""
        self.usage: Usage | None = None
        self._is_refused = False
        self._calls: dict[int | str, dict[str, str]] = {}
        self._cleaner = StreamCleaner()

    @property
    def has_begun(self) -> bool:
        """Whether a word or a tool call came: after that nothing is asked again."""
        return self.characters > 0 or bool(self._calls)

    @property
    def reason(self) -> str:
        """Why it ended: stop, length, tool_calls, content_filter; empty while it has not."""
        return "content_filter" if self._is_refused else self.finish_reason

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls in the order of their first fragments."""
        calls = ({key: clean(text) for key, text in call.items()} for call in self._calls.values())
        return tuple(ToolCall(**call) for call in calls)

    def add(self, chunk: dict[str, Any]) -> str:
        """Take in one chunk and return the text that it adds."""
        self.served_by = self.served_by or clean(_text(chunk, "model"))
        self.fingerprint = self.fingerprint or clean(_text(chunk, "system_fingerprint"))
        self.usage = _usage(chunk.get("usage")) or self.usage
        choice = _first(chunk.get("choices"))
        self.finish_reason = clean(_text(choice, "finish_reason")) or self.finish_reason
        delta = choice.get("delta")
        return self._add_delta(delta) if isinstance(delta, dict) else ""

    def _add_delta(self, delta: dict[str, Any]) -> str:
        self._is_refused = self._is_refused or bool(delta.get("refusal"))
        fragments = delta.get("tool_calls")
        for fragment in fragments if isinstance(fragments, list) else ():
            if isinstance(fragment, dict):
                self._add_fragment(fragment)
        text = self._cleaner.feed(_text(delta, "content"))
        self.characters += len(text)
        return text

    def _add_fragment(self, fragment: dict[str, Any]) -> None:
        """Fragments of one call share an index, or an id, or follow one another: servers differ."""
        key = fragment.get("index")
        if not isinstance(key, int):
            key = _text(fragment, "id") or next(reversed(self._calls), 0)
        call = self._calls.setdefault(key, {"id": "", "name": "", "arguments": ""})
        function = fragment.get("function")
        function = function if isinstance(function, dict) else {}
        call["id"] = call["id"] or _text(fragment, "id")
        call["name"] = call["name"] or _text(function, "name")
        call["arguments"] += _text(function, "arguments")
        self.characters += len(_text(function, "arguments"))


def _text(source: dict[str, Any], key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def _first(choices: Any) -> dict[str, Any]:
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}


def _usage(counted: Any) -> Usage | None:
    """The server's own count, if it is one."""
    if not isinstance(counted, dict):
        return None
    prompt, completion = counted.get("prompt_tokens") or 0, counted.get("completion_tokens") or 0
    if not all(isinstance(number, int) and 0 <= number < 2**31 for number in (prompt, completion)):
        return None
    return Usage(prompt, completion)
