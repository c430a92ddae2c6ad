"""How fast answers and judgements may begin, where a provider's limit asks for it: EVALS_CALLS_PER_MINUTE."""

from __future__ import annotations

import asyncio
import time

import redis.asyncio as redis
import structlog
from django.conf import settings

log = structlog.get_logger()

KEY = "evals:next-call"
# The next free moment, in milliseconds, is taken and moved on in one step, so that all workers together keep the pace.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local next = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], next + ARGV[1], 'PX', math.ceil(next - now + 2 * ARGV[1]))
return next - now
"""


class Pace:
    """Spreads what begins evenly over each minute, over all workers by Redis; without Redis over this one alone.

    An answer counts as one with all its calls, a judgement as one with its repair: a provider's own limit, which the
    gateway meets with pauses, is no less true. 0 a minute is no limit.
    """

    def __init__(self) -> None:
        self.milliseconds = 60_000 / settings.EVALS_CALLS_PER_MINUTE if settings.EVALS_CALLS_PER_MINUTE else 0.0
        self._redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        self._next_here = 0.0

    async def wait(self) -> None:
        """Return when the next may begin."""
        if self.milliseconds:
            await asyncio.sleep(await self._turn())

    async def close(self) -> None:
        await self._redis.aclose()

    async def _turn(self) -> float:
        """Seconds until our turn."""
        try:
            waits = await self._redis.eval(TAKE, 1, KEY, round(self.milliseconds))
            return float(waits) / 1000
        except redis.RedisError:
            log.warning("evals_pace_without_redis")
            now = time.monotonic()
            begins = max(now, self._next_here)
            self._next_here = begins + self.milliseconds / 1000
            return begins - now
