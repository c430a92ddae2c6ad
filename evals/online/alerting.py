"""Tells the admins by mail when a score of real traffic has fallen: once a week for each score, while it stays so."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import mail_admins
from redis.exceptions import RedisError

from evals.online.scores import DISLIKED, LATELY, Score, Traffic

log = structlog.get_logger()
AGAIN_AFTER = 7 * 24 * 3600  # seconds


def tell(traffic: Traffic) -> list[str]:
    """Mail what is worse and was not told yet; the names of the scores that were told now."""
    news = [score for score in traffic.worse if _is_first(score.name)]
    if not news:
        return []
    log.error("traffic_got_worse", scores=[score.name for score in news])
    lines = [sentence(score) for score in news]
    body = "\n".join(
        [*lines, "", "The page of live traffic shows the days, and the worst answers: Evals, Live traffic."]
    )
    try:
        mail_admins(f"{settings.SITE_NAME}: answers to customers have got worse", body)
    except OSError as error:
        log.warning("alert_not_sent", code="traffic", error=type(error).__name__)
    return [score.name for score in news]


def sentence(score: Score) -> str:
    """What has changed, in words."""
    drift = score.drift
    if drift is None:
        return f"{score.title}: nothing is known yet."
    way = ("more" if drift.value > 0 else "fewer") if score.name == DISLIKED else "up" if drift.value > 0 else "down"
    points, low, high = (abs(round(100 * value)) for value in (drift.value, *_nearest_first(drift.low, drift.high)))
    return (
        f"{score.title}: {points} points {way} in the last {LATELY} days, against the weeks before"
        f" (between {low} and {high})."
    )


def _nearest_first(low: float, high: float) -> tuple[float, float]:
    return (low, high) if low >= 0 else (high, low)


def _is_first(name: str) -> bool:
    try:
        return bool(cache.add(f"alert:traffic:{name}", 1, timeout=AGAIN_AFTER))
    except RedisError:  # better one mail too many
        return True
