"""What can go wrong with a model, by name: `fault-<name>` or `fault-<name>-<argument>` as the model's name."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from email.utils import formatdate

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from llm.standin import demo, obedience, tools
from llm.standin.calls import Call
from llm.standin.errors import ApiError, unknown_model
from llm.standin.exchange import Exchange
from llm.standin.reply import Pace, Reply, ToolCall, ask_for, say
from llm.standin.stream import EventStream, Silence
from llm.standin.wire import DONE, Event

PREFIX = "fault-"
KEEP_ALIVES_PER_SECOND = 2
FILLER = "This sentence fills an answer that was too short for the fault. "
PAGE = "<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1><p>The proxy has no answer.</p>"
Fault = Callable[[Exchange, str], Awaitable[ASGIApp]]
_failed_once: set[str] = set()


async def play(exchange: Exchange) -> ASGIApp:
    """The fault that the model's name asks for."""
    name, argument = _parse(exchange.asked.model)
    return await FAULTS[name](exchange, argument)


def refuse(model: str, call: Call) -> ASGIApp | None:
    """The faults of any endpoint, embeddings too: an error is raised, silence returned, None means go on."""
    name, argument = _parse(model)
    if name == "never-answers":
        return Silence(call)
    if name in ("401", "403"):
        raise ApiError("Incorrect API key provided.", status=int(name), code="invalid_api_key")
    if _happens_now(name, argument):
        if name == "429":
            raise _too_many(argument)
        if name in ("500", "503"):
            message = "The server had an error while processing your request."
            raise ApiError(message, status=int(name), kind="server_error")
    return None


def _parse(model: str) -> tuple[str, str]:
    rest = model.removeprefix(PREFIX)
    for name in FAULTS:
        if rest == name or rest.startswith(f"{name}-"):
            return name, rest[len(name) + 1 :]
    raise unknown_model(model)


def _happens_now(name: str, argument: str) -> bool:
    """`once-<key>`: the first call of each key fails, the following are answered."""
    if not argument.startswith("once"):
        return True
    key = f"{name}-{argument}"
    is_first = key not in _failed_once
    _failed_once.add(key)
    return is_first


def _too_many(argument: str) -> ApiError:
    """`<seconds>` or any text, `ms-<milliseconds>`, `date-<seconds from now>`, `once-<key>`, or nothing."""
    kind, _, value = argument.partition("-")
    headers = {"Retry-After": argument} if argument else {}
    match kind:
        case "once":
            headers = {"Retry-After": "1"}
        case "ms":
            headers = {"retry-after-ms": value}
        case "date":
            headers = {"Retry-After": formatdate(time.time() + float(value or 0), usegmt=True)}
    message = "Rate limit reached for requests. Please try again later."
    return ApiError(message, status=429, code="rate_limit_exceeded", kind="requests", headers=headers)


async def error_or_answer(exchange: Exchange, _: str) -> ASGIApp:
    """401, 429, 500 and silence; a fault that happens once leaves the later calls a normal answer."""
    refusal = refuse(exchange.asked.model, exchange.call)
    return refusal or exchange.respond(await demo.answer(exchange))


async def slow_loris(exchange: Exchange, _: str) -> ASGIApp:
    """Only comments, for ever."""
    comments = itertools.repeat(Event(b": keep-alive\n\n", is_paced=True))
    return EventStream(comments, pace=Pace(0, KEEP_ALIVES_PER_SECOND), call=exchange.call)


async def cut_after(exchange: Exchange, argument: str) -> ASGIApp:
    """The connection breaks after so many tokens."""
    reply = await _at_least(exchange, int(argument or 5))
    if not exchange.asked.stream:
        half = exchange.body(reply)[:-40]
        return exchange.stream([Event(half)], is_cut=True)
    return exchange.stream(exchange.events(reply)[: 1 + len(reply.pieces)], is_cut=True)


async def malformed(exchange: Exchange, _: str) -> ASGIApp:
    """JSON that breaks off within an event, after a few good tokens."""
    events = exchange.events(await _at_least(exchange, 3))
    return exchange.stream([*events[:4], Event(b'data: {"id":"chatcmpl-1","choices":[{"delta":\n\n'), Event(DONE)])


async def odd_framing(exchange: Exchange, _: str) -> ASGIApp:
    """A good answer in bad pieces: CRLF, comments, and bytes cut anywhere, within letters too."""
    events = exchange.events(await demo.answer(exchange))
    data = b": hello\r\n\r\n" + b"".join(event.data for event in events).replace(b"\n", b"\r\n")
    return exchange.stream([Event(data[n : n + 7]) for n in range(0, len(data), 7)])


async def error_event(exchange: Exchange, _: str) -> ASGIApp:
    """An error object in the stream, after a few good tokens."""
    events = exchange.events(await _at_least(exchange, 3))
    error = b'event: error\ndata: {"error":{"message":"The server had an error","type":"server_error"}}\n\n'
    return exchange.stream([*events[:4], Event(error)])


async def html(exchange: Exchange, _: str) -> ASGIApp:
    """A proxy's page with status 200."""
    exchange.call.outcome = "done"
    return HTMLResponse(PAGE)


async def empty_choices(exchange: Exchange, _: str) -> ASGIApp:
    """Chunks without a choice, or a completion without one."""
    events = exchange.events(Reply())
    if exchange.asked.stream:
        start, end = events[0].data.index(b'"choices":['), events[0].data.rindex(b"]")
        empty = events[0].data[:start] + b'"choices":[' + events[0].data[end:]
        return exchange.stream([Event(empty), Event(empty), Event(DONE)])
    return exchange.stream(
        [Event(b'{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"x","choices":[]}')]
    )


async def empty_answer(exchange: Exchange, _: str) -> ASGIApp:
    """An answer that ends before its first token."""
    return exchange.respond(Reply())


async def length(exchange: Exchange, argument: str) -> ASGIApp:
    """The limit of tokens is reached."""
    return exchange.respond(replace(await _at_least(exchange, int(argument or 5)), finish_reason="length"))


async def content_filter(exchange: Exchange, _: str) -> ASGIApp:
    """The provider's filter ends the answer."""
    return exchange.respond(replace(await _at_least(exchange, 3), finish_reason="content_filter"))


async def refusal(exchange: Exchange, _: str) -> ASGIApp:
    """The model refuses in the field made for it."""
    return exchange.respond(Reply(refusal="I'm sorry, I can't help with that."))


async def tool_loop(exchange: Exchange, _: str) -> ASGIApp:
    """Asks for the tools one after the other, without end."""
    offered = tools.offered(exchange.asked)
    if not offered:
        return exchange.respond(await demo.answer(exchange))
    tool = offered[exchange.prompt.looked_up % len(offered)]
    return exchange.respond(ask_for(tools.fill(tool, exchange.prompt.question)))


async def invalid_arguments(exchange: Exchange, _: str) -> ASGIApp:
    """Asks for a tool with arguments that are no JSON."""
    if not (offered := tools.offered(exchange.asked)):
        return exchange.respond(await demo.answer(exchange))
    return exchange.respond(ask_for(ToolCall(offered[0].name, '{"value": ')))


async def obeys(exchange: Exchange, _: str) -> ASGIApp:
    """A model that was fully hijacked: it does what passages and tool results tell it."""
    return exchange.respond(obedience.obey(exchange) or await demo.answer(exchange))


async def _at_least(exchange: Exchange, count: int) -> Reply:
    """The first `count` tokens of the demo answer, with filling sentences after it where it is shorter."""
    text = (await demo.answer(exchange)).text
    while len(reply := say(text).pieces) < count:
        text += " " + FILLER * 5
    return Reply(pieces=reply[:count])


FAULTS: dict[str, Fault] = {
    "401": error_or_answer,
    "403": error_or_answer,
    "429": error_or_answer,
    "500": error_or_answer,
    "503": error_or_answer,
    "never-answers": error_or_answer,
    "slow-loris": slow_loris,
    "cut-after": cut_after,
    "malformed": malformed,
    "odd-framing": odd_framing,
    "error-event": error_event,
    "html": html,
    "empty-choices": empty_choices,
    "empty-answer": empty_answer,
    "length": length,
    "content-filter": content_filter,
    "refusal": refusal,
    "tool-loop": tool_loop,
    "invalid-arguments": invalid_arguments,
    "obeys": obeys,
}
