"""Every question may cost money: limits for each session and address, and a budget for the day (A51)."""

from __future__ import annotations

import re
from functools import cache

import redis
from django.conf import settings

from chat.errors import Unwelcome
from knowledge.access import Viewer
from llm import spent_today

LOW = 0.8  # of the budget
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def admit(viewer: Viewer, address: str) -> None:
    """Count a question of this viewer. Raises `Unwelcome` when a limit is reached.

    Without Redis nobody is counted: visitors are turned away, signed-in customers are let in.
    """
    check_budget()
    who = f"user:{viewer.user_id}" if viewer.user_id else f"visitor:{viewer.visitor}"
    try:
        _count(f"limit:{who}", settings.CHAT_QUESTIONS_PER_SESSION)
        if address:
            _count(f"limit:address:{address}", settings.CHAT_QUESTIONS_PER_ADDRESS)
    except redis.RedisError:
        if viewer.user_id is None:
            raise Unwelcome("not_available_now") from None


def check_budget() -> None:
    """Raises `Unwelcome` when the day's budget is spent."""
    budget = settings.CHAT_DAILY_BUDGET_USD
    if budget and spent_today() >= budget:
        raise Unwelcome("budget_reached")


def is_budget_low() -> bool:
    """Whether so much of the day's budget is spent that the rest is kept for answers."""
    budget = settings.CHAT_DAILY_BUDGET_USD
    return bool(budget) and spent_today() >= LOW * budget


def _count(key: str, rate: str) -> None:
    """One more under `key`. The window is fixed and begins with its first question."""
    most, seconds = _parse(rate)
    with _redis().pipeline() as pipe:
        pipe.set(key, 0, ex=seconds, nx=True)
        pipe.incr(key)
        pipe.ttl(key)
        _, count, left = pipe.execute()
    if count > most:
        raise Unwelcome("too_many_questions", retry_after=max(1, left))


@cache
def _parse(rate: str) -> tuple[int, int]:
    """`20/10m` → 20 questions in 600 seconds."""
    match = re.fullmatch(r"(\d+)/(\d*)([smhd])", rate)
    if not match:
        raise ValueError(f"{rate!r} is not a rate such as 20/10m")
    return int(match[1]), int(match[2] or 1) * UNITS[match[3]]


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
