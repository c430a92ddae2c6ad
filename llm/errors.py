"""What can go wrong on the way to a model and back. `chat/turn.py` turns these into words for the customer.

Messages are short and safe to log: no key, no question, nothing of a response's body.
"""

from __future__ import annotations

from typing import ClassVar


class LLMError(Exception):
    """`code` names the kind; `retryable` says whether asking again, later, can help."""

    code: ClassVar[str] = "provider_down"
    retryable: ClassVar[bool] = True

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message or self.code)
        self.retry_after = retry_after  # seconds that the server asked us to wait; inf: not worth waiting


class ProviderAuth(LLMError):
    """The key is wrong or may not use this model (401, 403)."""

    code = "provider_auth"
    retryable = False


class ProviderBusy(LLMError):
    """The server asks us to come back later (408, 409, 429)."""

    code = "provider_busy"


class ProviderDown(LLMError):
    """No connection, or the server failed (5xx), or its breaker is open."""

    code = "provider_down"


class Timeout(LLMError):
    """Connected, but no first token in time."""

    code = "timeout"


class Interrupted(LLMError):
    """The answer was cut after its first token, or cannot be read. What came has been passed on."""

    code = "interrupted"


class NoAnswer(LLMError):
    """The model ended its answer without a word, twice."""

    code = "no_answer"


class BadRequest(LLMError):
    """The server does not take this request (400, 404, 422, a redirect)."""

    code = "bad_request"
    retryable = False


class NotOffered(BadRequest):
    """The server has no such endpoint (404, 405, 501)."""


class NotThere(BadRequest):
    """What was asked about is not there, or not any more (404)."""


class FormRefused(BadRequest):
    """The server breaks (500) on a request for JSON; it may well take one for text."""


class InvalidOutput(LLMError):
    """The model's answer does not have the form that was asked for, nor had it after it was shown what is wrong."""

    code = "invalid_output"


class ContentFiltered(LLMError):
    """The provider's filter refused the request, or the model refused to answer in the form asked for."""

    code = "content_filter"
    retryable = False
