"""Replies as bytes: one completion object, or the events of a stream, encoded before the first is sent."""

from __future__ import annotations

import itertools
import json
import time
from functools import lru_cache
from typing import Any, NamedTuple

from llm.standin.reply import Reply
from llm.standin.requests import ChatRequest

DONE = b"data: [DONE]\n\n"
_numbers = itertools.count(1)
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Event(NamedTuple):
    """One server-sent event, how many tokens of the answer it carries, and whether it waits for its moment."""

    data: bytes
    tokens: int = 0
    is_paced: bool = False


def completion(request: ChatRequest, reply: Reply, prompt_tokens: int) -> bytes:
    """The body of an answer that is not streamed."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    if reply.tool_calls:
        message["content"] = reply.text or None
        message["tool_calls"] = [call.numbered(n) for n, call in enumerate(reply.tool_calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
    envelope = _envelope(request, reply, "chat.completion")
    return encode({**envelope, "choices": [choice], "usage": _usage(reply, prompt_tokens)})


def events(request: ChatRequest, reply: Reply, prompt_tokens: int) -> list[Event]:
    """The events of a streamed answer, from the role to [DONE]; usage comes last, with no choices."""
    envelope = _envelope(request, reply, "chat.completion.chunk")
    with_usage = bool(request.stream_options and request.stream_options.include_usage)
    if with_usage:
        envelope["usage"] = None

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return event({**envelope, "choices": [choice]})

    sent = [Event(chunk({"role": "assistant", "content": None if reply.tool_calls else "", "refusal": None}))]
    sent += _text_events(reply, chunk({"content": "\0"}))
    if reply.refusal:
        sent.append(Event(chunk({"refusal": reply.refusal})))
    sent += [Event(chunk({"tool_calls": [delta]}), 1, True) for delta in _tool_deltas(reply)]
    sent.append(Event(chunk({}, reply.finish_reason)))
    if with_usage:
        sent.append(Event(event({**envelope, "choices": [], "usage": _usage(reply, prompt_tokens)})))
    return [*sent, Event(DONE)]


def event(data: dict[str, Any]) -> bytes:
    """One object as a server-sent event."""
    return b"data: " + encode(data) + b"\n\n"


def encode(data: Any) -> bytes:
    """JSON in UTF-8; lone surrogates, which UTF-8 cannot carry, stay escaped."""
    try:
        return _compact.encode(data).encode()
    except UnicodeEncodeError:
        return json.dumps(data, separators=(",", ":")).encode()


@lru_cache(maxsize=8192)
def _encode_piece(piece: str) -> bytes:
    return encode(piece)


def _text_events(reply: Reply, template: bytes) -> list[Event]:
    """All pieces share one template, so that a token costs next to nothing."""
    before, after = template.split(b'"\\u0000"')
    return [Event(before + _encode_piece(piece) + after, 1, True) for piece in reply.pieces]


def _tool_deltas(reply: Reply) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = []
    for n, call in enumerate(reply.tool_calls):
        opening = call.numbered(n)
        opening["function"] = {"name": call.name, "arguments": ""}
        deltas.append({"index": n, **opening})
        deltas += [{"index": n, "function": {"arguments": piece}} for piece in call.pieces]
    return deltas


def _envelope(request: ChatRequest, reply: Reply, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-standin{next(_numbers)}",
        "object": kind,
        "created": int(time.time()),
        "model": reply.served_by or request.model,
        "service_tier": "default",
        "system_fingerprint": reply.fingerprint,
    }


def _usage(reply: Reply, prompt_tokens: int) -> dict[str, Any]:
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": reply.size,
        "total_tokens": prompt_tokens + reply.size,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
