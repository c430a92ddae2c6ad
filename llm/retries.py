"""The one owner of retries: how often, after how long a wait, and which model is asked next (F02, F03).

The SDK's own retries are off. Only a busy or broken server is asked again, and only before the first token.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from django.conf import settings

from llm.catalogue import Model
from llm.errors import LLMError, NoAnswer, ProviderBusy, ProviderDown, Timeout

_FIRST_WAIT = 0.5  # seconds, doubled each time
_LONGEST_WAIT = 8.0


class Course:
    """The course of one call: the model asked now, and what comes after a failure."""

    def __init__(self, candidates: Sequence[Model], *, deadline: float) -> None:
        """`deadline` is a time of the monotonic clock: no wait reaches beyond it."""
        self.model, *self._fallbacks = candidates
        self._deadline = deadline
        self._start_over()

    def wait_after(self, error: LLMError) -> float:
        """Seconds until `self.model` is to be asked, 0 for at once. Raises `error` when all is spent."""
        wait = self._wait(error)
        if wait is not None:
            return wait
        if self._fallbacks and isinstance(error, ProviderBusy | ProviderDown | Timeout):
            self.model = self._fallbacks.pop(0)
            self._start_over()
            return 0.0
        raise error

    def _start_over(self) -> None:
        self._retries = 0
        self._may_repeat_empty = True
        self._seconds_left: float = settings.LLM_RETRY_SECONDS

    def _wait(self, error: LLMError) -> float | None:
        if isinstance(error, NoAnswer) and self._may_repeat_empty:
            self._may_repeat_empty = False
            return 0.0
        if not isinstance(error, ProviderBusy | ProviderDown) or self._retries >= settings.LLM_RETRIES:
            return None
        wait = _backoff(self._retries) if error.retry_after is None else _jittered(error.retry_after, 1, 1.1)
        if wait > min(self._seconds_left, self._deadline - monotonic()):
            return None
        self._retries += 1
        self._seconds_left -= wait
        return wait


def _backoff(retries: int) -> float:
    return _jittered(min(_FIRST_WAIT * 2**retries, _LONGEST_WAIT), 0.5, 1)


def _jittered(seconds: float, low: float, high: float) -> float:
    """Spread out, so that callers do not come back in step."""
    return seconds * random.uniform(low, high)  # noqa: S311


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server asks for (`retry-after-ms`, or `Retry-After` in seconds or as a date).

    None when it does not say, or says nothing that makes sense. A date is read by the server's own clock (its
    `Date` header), where it gives one: ours may be wrong (F18).
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    wish = headers.get("retry-after", "")
    seconds = _number(wish)
    return seconds if seconds is not None else _until(wish, now=headers.get("date", ""))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(text: str, *, now: str) -> float | None:
    moment = _date(text)
    return max(0.0, (moment - (_date(now) or datetime.now(UTC))).total_seconds()) if moment else None


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
