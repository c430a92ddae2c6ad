"""Which model judges for a grader in place of the one behind `judge`: `TunedModel` rows, known in each process.

A grader's model is read very often, in sync and in async code, and its version follows from it. So what is appointed is
read once every few seconds, by a thread of its own: another process sees a change that much later.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

import structlog
from django.db import connection

log = structlog.get_logger()

KNOWN_FOR = 3.0  # seconds


@dataclass
class _Known:
    """The model appointed for each grader, as it was read last."""

    models: dict[str, str] = field(default_factory=dict)
    until: float = 0.0
    lock: Lock = field(default_factory=Lock)


_known = _Known()


def appointed(grader: str) -> str:
    """The name of the model that judges for this grader; "" where the one behind `judge` does."""
    if monotonic() >= _known.until:
        with _known.lock:
            if monotonic() >= _known.until:
                _read()
    return _known.models.get(grader, "")


def forget() -> None:
    """Read again at once, as after a restart: somebody has just been appointed, or retired."""
    with _known.lock:
        _known.models, _known.until = {}, 0.0


def _read() -> None:
    """Without a database what was known goes on to hold: whose words are stored, they are stored with their model."""
    try:
        with ThreadPoolExecutor(1) as thread:  # a loop that runs here may not ask the database itself
            _known.models = thread.submit(_ask).result()
    except Exception as error:
        log.warning("appointments_unread", error=type(error).__name__)
    _known.until = monotonic() + KNOWN_FOR


def _ask() -> dict[str, str]:
    from evals.models import TunedModel

    try:
        return dict(TunedModel.objects.judging().values_list("grader", "name"))
    finally:
        connection.close()
