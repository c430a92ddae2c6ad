"""How much of a file is read. The numbers come with each file from the settings of the process that asks."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from knowledge.errors import Rejected


@dataclass(frozen=True)
class Limits:
    pages: int = 2000
    characters: int = 5_000_000


NO_OTHER = Limits()
limits: ContextVar[Limits] = ContextVar("limits", default=NO_OTHER)


def check_pages(count: int) -> None:
    allowed = limits.get().pages
    if count > allowed:
        raise Rejected(
            "too_many_pages", f"This file has {count:,} pages; {allowed:,} is the limit. Upload it in parts."
        )


def check_characters(count: int) -> None:
    allowed = limits.get().characters
    if count > allowed:
        raise Rejected(
            "too_long", f"This file has more than {allowed:,} characters, which is the limit. Upload it in parts."
        )
