"""One streamed answer: ask, wait and ask again while that can help, pass on what comes, keep the books."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, contextmanager, suppress
from time import monotonic
from typing import Any, Literal, TypeVar

from django.conf import settings

from llm import gateway, ledger
from llm.answer import Answer
from llm.breaker import breaker_for
from llm.catalogue import Model, candidates_for
from llm.decoding import StreamDecoder
from llm.errors import Interrupted, LLMError, NoAnswer, Timeout
from llm.events import Alias, Event, Finished, Message, Text, ToolCalls, Waiting
from llm.request import ChatRequest
from llm.retries import Course

T = TypeVar("T")
_GOODBYE_SECONDS = 0.2  # for the last bytes after [DONE], so that the connection can be used again


async def stream(
    messages: Sequence[Message],
    *,
    purpose: str,
    model: Alias = "strong",
    tools: Sequence[Mapping[str, Any]] = (),
    max_tokens: int | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    tool_choice: Literal["auto", "none"] | None = None,
    response_format: Mapping[str, Any] | None = None,
) -> AsyncGenerator[Event, None]:
    """Ask a chat model and yield its answer as it is written, ending with `Finished`; raises an `LLMError`.

    Consume it under `contextlib.aclosing()`: closing it early closes the connection to the model at once.
    """
    request = ChatRequest(messages, tools, max_tokens, temperature, top_p, seed, tool_choice, response_format)
    deadline = monotonic() + settings.LLM_ANSWER_SECONDS
    course = Course(candidates_for(model), deadline=deadline)
    async with ledger.entry(purpose, "chat", model, seed) as record:
        while True:
            try:
                async with aclosing(_attempt(request, course.model, record, deadline)) as events:
                    async for event in events:
                        yield event
                return
            except LLMError as error:
                wait = course.wait_after(error)
            if wait:
                yield Waiting(wait)
                await asyncio.sleep(wait)


async def _attempt(
    request: ChatRequest, model: Model, record: ledger.Record, deadline: float
) -> AsyncGenerator[Event, None]:
    """Ask one model once and pass on what it says."""
    answer, decoder, clock = Answer(), StreamDecoder(), _Clock(deadline)
    body = request.body(model)
    record.asks(body, answer)
    with breaker_for(model.name).guard(), _interruptions(answer):
        record.attempts += 1
        async with AsyncExitStack() as stack:
            chunks = await clock.wait_for(stack.enter_async_context(gateway.chat_stream(body)))
            while not decoder.is_done and (received := await clock.wait_for(anext(chunks, None))) is not None:
                objects = decoder.feed(received)
                if text := "".join(map(answer.add, objects)):
                    record.first_token()
                    yield Text(text)
                if decoder.trouble:
                    raise Interrupted(decoder.trouble)
                if objects:
                    clock.heard(has_begun=answer.has_begun)
            await _read_to_the_end(chunks)
        reason = _reason(answer, is_done=decoder.is_done)
    record.done()
    if answer.tool_calls:
        yield ToolCalls(answer.tool_calls)
    yield Finished(reason, answer.served_by or model.name, answer.fingerprint, record.usage, record.id)


class _Clock:
    """How long the next bytes may take: first until the first token, then from chunk to chunk (F05, F06).

    Keep-alive comments do not restart it, and nothing goes beyond the whole answer's deadline.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._until = min(deadline, monotonic() + settings.LLM_FIRST_TOKEN_SECONDS)

    def heard(self, *, has_begun: bool) -> None:
        idle = monotonic() + settings.LLM_IDLE_SECONDS
        self._until = min(self._deadline, idle if has_begun else max(self._until, idle))

    async def wait_for(self, step: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._until - monotonic()):
                return await step
        except TimeoutError:
            raise Timeout("nothing came in time") from None


@contextmanager
def _interruptions(answer: Answer) -> Iterator[None]:
    """Whatever goes wrong after the first token is an interruption: what came has been passed on (F07)."""
    try:
        yield
    except LLMError as error:
        if answer.has_begun and not isinstance(error, Interrupted):
            raise Interrupted(str(error)) from None
        raise


def _reason(answer: Answer, *, is_done: bool) -> str:
    """Why the model stopped. An end that was not announced is a cut, one without a word no answer (F09)."""
    if not answer.has_begun and answer.reason != "content_filter":
        raise NoAnswer("the stream ended without a word")
    if not answer.reason and not is_done:
        raise Interrupted("the stream ended early")
    return answer.reason or ("tool_calls" if answer.tool_calls else "stop")


async def _read_to_the_end(chunks: AsyncIterator[bytes]) -> None:
    """Take the last bytes after [DONE], so that the connection can be used again. Nothing depends on them."""
    with suppress(Exception):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            async for _ in chunks:
                pass
