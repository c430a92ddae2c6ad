"""The wire: the `openai` client over HTTP, and its errors in our words. Only this module imports `openai`.

One client for each event loop (a connection belongs to its loop), closed when the loop ends. The SDK's
retries, redirects and long timeouts are off: `retries.py` and `streaming.py` decide on those. Keys and bodies
are never logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from django.conf import settings

from llm.address import problem_with
from llm.errors import (
    BadRequest,
    ContentFiltered,
    FormRefused,
    Interrupted,
    LLMError,
    NotOffered,
    NotThere,
    ProviderAuth,
    ProviderBusy,
    ProviderDown,
    Timeout,
)
from llm.retries import retry_after

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

_BUSY = {408, 409, 429}
_AUTH = {401, 403}
_NOT_OFFERED = {404, 405, 501}
Teaching = Literal["upload", "files", "delete", "create", "jobs", "job", "events", "cancel"]

for _name in ("openai", "httpx2", "httpcore2"):  # they log each request: its address may hold a password
    logging.getLogger(_name).setLevel(logging.WARNING)


class _Address(NamedTuple):
    """What a client is made for; another address or key needs another client."""

    base_url: str | None
    api_key: str


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Address, AsyncOpenAI]] = WeakKeyDictionary()
_lives: WeakKeyDictionary[asyncio.AbstractEventLoop, list[AsyncGenerator[None, None]]] = WeakKeyDictionary()


def prepare() -> None:
    """Import the SDK now (about 1.5 s) so that a server's first question does not wait for it."""
    client = _new_client(_Address(None, "unused"))
    _ = client.chat.completions, client.embeddings, client.moderations  # these are imported at their first use


@asynccontextmanager
async def chat_stream(body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
    """Ask for a streamed chat completion and give the bytes of its answer as they come.

    Leaving the block before the stream's end closes the connection.
    """
    rest = {name: value for name, value in body.items() if name not in ("model", "messages")}
    client = await _client()
    with _errors_in_our_words(wants_json="response_format" in body):
        request = client.chat.completions.with_streaming_response.create(
            model=body["model"], messages=body["messages"], stream=True, extra_body=rest
        )
        async with request as response:
            if response.headers.get("content-type", "").startswith(("text/html", "application/json")):
                raise Interrupted("a page came in place of a stream")
            yield response.iter_bytes()


async def embeddings(body: Mapping[str, Any]) -> Any:
    """Ask for embeddings and give the response's JSON."""
    client = await _client()
    with _errors_in_our_words():
        return _json(await client.embeddings.with_raw_response.create(**body))


async def moderations(body: Mapping[str, Any]) -> Any:
    """Ask for a moderation and give the response's JSON. Raises `NotOffered` where there is no such endpoint."""
    import openai

    client = await _client()
    with _errors_in_our_words():
        try:
            return _json(await client.moderations.with_raw_response.create(**body))
        except openai.APIStatusError as error:
            if error.status_code in _NOT_OFFERED:
                raise NotOffered(f"status {error.status_code}") from None
            raise


async def teaching(action: Teaching, *ids: str, **given: Any) -> Any:
    """Do something with the files or the jobs of fine-tuning and give the response's JSON. `given` is as the SDK takes
    it. Raises `NotOffered` where there is no such endpoint, `NotThere` where there is, and not what was asked about.
    """
    import openai

    client = await _client()
    with _errors_in_our_words():
        try:
            return _json(await _teaching_call(client, action)(*ids, **given))
        except openai.APIStatusError as error:
            raise _refused_teaching(error) or error from None


def _teaching_call(client: AsyncOpenAI, action: Teaching) -> Callable[..., Awaitable[Any]]:
    files, jobs = client.files.with_raw_response, client.fine_tuning.jobs.with_raw_response
    calls: dict[Teaching, Callable[..., Any]] = {
        "upload": files.create,
        "files": files.list,
        "delete": files.delete,
        "create": jobs.create,
        "jobs": jobs.list,
        "job": jobs.retrieve,
        "events": jobs.list_events,
        "cancel": jobs.cancel,
    }
    return calls[action]


def _refused_teaching(error: APIStatusError) -> LLMError | None:
    """A missing endpoint and a missing job are both 404: only a server that has the endpoint says what it lacks."""
    code = error.code if error.code and re.fullmatch(r"[a-z][a-z_]{2,60}", error.code) else ""
    names_it = bool(error.param or code not in ("", "unknown_url"))
    message = f"status {error.status_code}{': ' * bool(code)}{code}"
    if error.status_code in _NOT_OFFERED and not (error.status_code == 404 and names_it):
        return NotOffered(message)
    if error.status_code == 404:
        return NotThere(message)
    return BadRequest(message) if error.status_code in (400, 422) else None


def _json(response: Any) -> Any:
    try:
        return json.loads(response.http_response.content)
    except (ValueError, RecursionError):
        raise Interrupted("the response is not JSON") from None


async def _client() -> AsyncOpenAI:
    """This loop's client for the address and key set now."""
    address = _Address(settings.LLM_BASE_URL, settings.LLM_API_KEY or "unset")
    loop = asyncio.get_running_loop()
    clients = _clients.setdefault(loop, {})
    if address not in clients:
        if problem := problem_with(address.base_url):
            raise BadRequest(problem)
        clients[address] = _new_client(address)
        life = _close_with_loop(loop, clients[address])
        _lives.setdefault(loop, []).append(life)
        await anext(life)
    return clients[address]


async def _close_with_loop(loop: asyncio.AbstractEventLoop, client: AsyncOpenAI) -> AsyncGenerator[None, None]:
    """Started and left open: a loop that shuts down closes its generators, and this one its client."""
    try:
        yield
    finally:
        _clients.pop(loop, None)
        await client.close()


def _new_client(address: _Address) -> AsyncOpenAI:
    import httpx2
    from openai import AsyncOpenAI

    connections = settings.LLM_CONNECTIONS
    timeout = httpx2.Timeout(
        connect=settings.LLM_CONNECT_SECONDS,
        read=settings.LLM_ANSWER_SECONDS,
        write=settings.LLM_IDLE_SECONDS,
        pool=settings.LLM_FIRST_TOKEN_SECONDS,
    )
    http = httpx2.AsyncClient(
        timeout=timeout,
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        follow_redirects=False,
        verify=_certificates(),
        trust_env=not _is_on_this_machine(address.base_url),
    )
    return AsyncOpenAI(
        api_key=address.api_key, base_url=address.base_url, http_client=http, timeout=timeout, max_retries=0
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes 50 ms, and each `async_to_sync` has a loop and so a client of its own."""
    import httpx2

    return httpx2.create_ssl_context()


def _is_on_this_machine(base_url: str | None) -> bool:
    """A proxy set for the outside world must not get requests to a server on this machine."""
    host = urlsplit(base_url or "").hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _errors_in_our_words(*, wants_json: bool = False) -> Iterator[None]:
    """Raise the errors of the SDK and its HTTP client as ours, without their texts, which quote bodies."""
    import anyio
    import httpx2
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        if error.status_code == 500 and wants_json:
            raise FormRefused("status 500 to a request for JSON") from None
        raise _refusal(error) from None
    except openai.APIConnectionError as error:
        raise _no_connection(error.__cause__ or error) from None
    except (httpx2.HTTPError, httpx2.StreamError, openai.OpenAIError, anyio.EndOfStream, ssl.SSLError) as error:
        raise _no_connection(error) from None


def _no_connection(cause: BaseException) -> LLMError:
    import httpx2

    kind = type(cause).__name__
    if isinstance(cause, httpx2.ReadTimeout):
        return Timeout(kind)
    return ProviderDown(kind)


def _refusal(error: APIStatusError) -> LLMError:
    status = error.status_code
    message = f"status {status}, request {error.request_id or 'without an id'}"
    if status in _AUTH:
        return ProviderAuth(message)
    if error.code == "insufficient_quota":
        return ProviderBusy(f"{message}: the account's quota is used up", retry_after=math.inf)
    if status in _BUSY:
        return ProviderBusy(message, retry_after=retry_after(error.response.headers))
    if status >= 500:
        return ProviderDown(message, retry_after=retry_after(error.response.headers))
    return ContentFiltered(message) if error.code == "content_filter" else BadRequest(message)
