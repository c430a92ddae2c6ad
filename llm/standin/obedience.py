"""What a hijacked model does: it follows any instruction that stands in a passage or in a tool's result."""

from __future__ import annotations

import re

from llm.standin.exchange import Exchange
from llm.standin.reply import Reply, ToolCall, say

CALL = re.compile(
    r"\b(?:call|use|run|invoke)\s+(?:the\s+)?(?:tool|function)?\s*[`'\"]?([a-z][a-z0-9]*_[a-z0-9_]+)", re.I
)
ARGUMENTS = re.compile(r"\{[^{}]*\}")
ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|instead|you must|always|system prompt|instructions?|"
    r"say|reply|respond|answer with|print|output|write|include|append|repeat|reveal|send)\b",
    re.I,
)
REVEAL = re.compile(r"system prompt|your (?:own )?instructions|everything above|hidden rules", re.I)


def obey(exchange: Exchange) -> Reply | None:
    """Calls every tool that a text names, else says the text raw and, if told to, the system prompt; or nothing."""
    asked = exchange.prompt
    texts = [
        text for text in (*(p.text for p in asked.passages), *asked.results) if ORDER.search(text) or CALL.search(text)
    ]
    if not texts:
        return None
    calls = tuple(call for text in texts for call in _calls(text))
    if calls and not asked.looked_up:
        return Reply(tool_calls=calls, finish_reason="tool_calls")
    if any(REVEAL.search(text) for text in texts):
        texts.append(asked.system)
    return say("\n\n".join(texts))


def _calls(text: str) -> list[ToolCall]:
    found = []
    for match in CALL.finditer(text):
        arguments = ARGUMENTS.search(text, match.end())
        found.append(ToolCall(match[1], arguments[0] if arguments else "{}"))
    return found
