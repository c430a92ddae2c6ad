"""Whom calls are made for, and which models that has chosen for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Behalf:
    """An assistant's version and a reply. `models` names models of its own for aliases; the rest are the settings'."""

    version: str = ""
    turn: UUID | None = None
    models: Mapping[str, str] = field(default_factory=dict)


NOBODY = Behalf()
_behalf: ContextVar[Behalf] = ContextVar("behalf", default=NOBODY)


def current() -> Behalf:
    return _behalf.get()


@contextmanager
def on_behalf_of(version: str, *, turn: UUID | None = None, models: Mapping[str, str] | None = None) -> Iterator[None]:
    """All calls made inside the block, and in tasks that begin there, name this version and this reply.

    `models` puts other models behind some aliases (`{"small": "ft:…"}`); an empty name leaves the setting's.
    """
    named = {alias: name for alias, name in (models or {}).items() if name}
    token = _behalf.set(Behalf(version, turn, named))
    try:
        yield
    finally:
        _behalf.reset(token)
