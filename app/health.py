"""`/health/`: can this process serve? For containers and monitors; it names parts, never addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import redis.asyncio
import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from llm.database import in_database

log = structlog.get_logger()
SECONDS = 2.0  # for each part; who asks gives up a little later


@require_safe
async def health(_request: HttpRequest) -> JsonResponse:
    """200 when the database and Redis answer, 503 when one does not."""
    database, broker = await asyncio.gather(
        _answers("database", in_database(_ask_database)), _answers("redis", _ask_redis())
    )
    words = {True: "ok", False: "down"}
    parts = {"database": words[database], "redis": words[broker]}
    is_well = database and broker
    return JsonResponse({"status": words[is_well], **parts}, status=200 if is_well else 503)


async def _answers(part: str, question: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(SECONDS):
            await question
    except Exception as error:  # whatever it is, this part cannot be used
        log.warning("part_is_down", part=part, error=type(error).__name__)
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def _ask_redis() -> None:
    async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client:
        await client.ping()
