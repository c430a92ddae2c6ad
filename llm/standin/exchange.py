"""One chat request with all that is needed to answer it, and the way its reply goes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from starlette.responses import Response
from starlette.types import ASGIApp

from llm.standin import prompt, tokens, wire
from llm.standin.calls import Call
from llm.standin.embedder import Embedder
from llm.standin.prompt import Prompt
from llm.standin.reply import Pace, Reply
from llm.standin.requests import ChatRequest
from llm.standin.stream import EventStream


@dataclass
class Exchange:
    """What was asked, the log's entry for it, and the server's model and speed."""

    asked: ChatRequest
    call: Call
    embedder: Embedder
    pace: Pace

    def __post_init__(self) -> None:
        self.call.prompt_tokens = sum(
            tokens.estimate(prompt.text_of(message.content)) for message in self.asked.messages
        )

    @cached_property
    def prompt(self) -> Prompt:
        """The parts of the conversation that an answer depends on."""
        return prompt.read(self.asked.messages)

    def respond(self, reply: Reply) -> ASGIApp:
        """The reply as the client asked for it: streamed or whole, within its limits."""
        reply = shorten(reply, self.asked)
        if self.asked.stream:
            return self.stream(self.events(reply), pace=reply.pace)
        self.call.completion_tokens, self.call.outcome = reply.size, "done"
        return Response(self.body(reply), media_type="application/json")

    def events(self, reply: Reply) -> list[wire.Event]:
        """The events of a streamed reply, in order."""
        return wire.events(self.asked, reply, self.call.prompt_tokens)

    def body(self, reply: Reply) -> bytes:
        """The body of a reply that is not streamed."""
        return wire.completion(self.asked, reply, self.call.prompt_tokens)

    def stream(self, events: list[wire.Event], *, pace: Pace | None = None, is_cut: bool = False) -> EventStream:
        """Events on their way; a cut stream ends without its end."""
        return EventStream(events, pace=pace or self.pace, call=self.call, is_cut=is_cut)


def shorten(reply: Reply, asked: ChatRequest) -> Reply:
    """Ends the text before a stop sequence and at the limit of tokens."""
    places = [reply.text.find(stop) for stop in asked.stops]
    if found := [place for place in places if place >= 0]:
        reply = replace(reply, pieces=tuple(tokens.split(reply.text[: min(found)])))
    if asked.limit is not None and len(reply.pieces) > asked.limit:
        reply = replace(reply, pieces=reply.pieces[: asked.limit], finish_reason="length")
    return reply
