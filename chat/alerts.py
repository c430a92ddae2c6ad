"""Tells the admins by mail of what only they can set right: once an hour, however many customers met it."""

from __future__ import annotations

import asyncio

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import mail_admins
from redis.exceptions import RedisError

from llm.errors import LLMError
from llm.trouble import SENTENCES

log = structlog.get_logger()
AGAIN_AFTER = 3600  # seconds
_kept: set[asyncio.Task[None]] = set()  # a task without a reference may vanish


def alert(error: LLMError) -> None:
    """Begin to tell the admins, if this is something for them; nobody waits for it."""
    if error.code in SENTENCES:
        task = asyncio.create_task(asyncio.to_thread(_tell, error.code))
        _kept.add(task)
        task.add_done_callback(_kept.discard)


def _tell(code: str) -> None:
    if not _is_first(code):
        return
    log.error("admins_alerted", code=code)
    try:
        mail_admins(f"{settings.SITE_NAME}: the assistant cannot answer", f"{SENTENCES[code]} ({code})")
    except OSError as error:
        log.warning("alert_not_sent", code=code, error=type(error).__name__)


def _is_first(code: str) -> bool:
    try:
        return bool(cache.add(f"alert:{code}", 1, timeout=AGAIN_AFTER))
    except RedisError:  # better one mail too many
        return True
