"""A model that keeps failing is left alone for a while: callers fail at once instead of waiting (F01, F04).

One breaker for each model and process. It opens after `LLM_BREAKER_FAILURES` failures in a row, at once when
the key is refused, and lets one caller try again every `LLM_BREAKER_SECONDS`; the first success closes it.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.conf import settings

from llm.errors import LLMError, ProviderAuth, ProviderDown, Timeout

logger = logging.getLogger(__name__)


class Breaker:
    """Closed: everybody passes. Open: nobody, but for one trial each `LLM_BREAKER_SECONDS`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._failures = 0
        self._reason: type[LLMError] | None = None
        self._next_trial = 0.0

    @property
    def is_open(self) -> bool:
        return self._reason is not None

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Refuse the work inside, or learn from how it ends. Work that is stopped early teaches nothing."""
        self._admit()
        try:
            yield
        except (ProviderAuth, ProviderDown, Timeout) as error:
            self._failed(error)
            raise
        except LLMError:
            raise
        else:
            self._failures, self._reason = 0, None

    def _admit(self) -> None:
        if self._reason is None:
            return
        if monotonic() < self._next_trial:
            raise self._reason(f"{self.name} is left alone after failures", retry_after=math.inf)
        self._next_trial = monotonic() + settings.LLM_BREAKER_SECONDS

    def _failed(self, error: LLMError) -> None:
        self._failures += 1
        if isinstance(error, ProviderAuth) or self._failures >= settings.LLM_BREAKER_FAILURES:
            if self._reason is not type(error):
                logger.error("%s: %s: calls are refused for now", self.name, error)
            self._reason = type(error)
            self._next_trial = monotonic() + settings.LLM_BREAKER_SECONDS


_breakers: dict[str, Breaker] = {}


def breaker_for(model: str) -> Breaker:
    """The breaker of this model at the server set now."""
    name = f"{model} at {settings.LLM_BASE_URL or 'the default address'}"
    return _breakers.setdefault(name, Breaker(name))


def close_all() -> None:
    """Forget all failures, as after a restart."""
    _breakers.clear()
