"""Who works at a job of teaching: one worker at a time, for as long as its heart beats.

The moment of the last beat is the token: who finds another one there than his own has lost the job.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from evals.distillation.jobs import open_jobs
from evals.models import TrainingJob
from llm.database import in_database


class LostHold(Exception):
    """Another worker has the job, because this one was silent for too long."""


@dataclass
class Hold:
    """A job that this worker has. `job` is its row, as it is stored. `was_tried` says that another worker may have
    asked the server for something already, without having noted it."""

    job: TrainingJob
    at: datetime
    was_tried: bool
    _lock: Lock = field(default_factory=Lock)

    def keep(self, **changes: Any) -> None:
        """Store changes to its columns, which renews the hold. Raises `LostHold`. Sync."""
        with self._lock:
            now = max(timezone.now(), self.at + timedelta(microseconds=1))
            self._update(now, changes)
            self.at = now

    def release(self, **changes: Any) -> None:
        """The last changes; then anybody may take it. Raises `LostHold`. Sync."""
        with self._lock:
            self._update(None, changes)

    async def beat(self) -> None:
        """Renew the hold until cancelled. Raises `LostHold`."""
        while True:
            await asyncio.sleep(settings.EVALS_LEASE_SECONDS / 3)
            await in_database(self.keep)

    def _update(self, beat: datetime | None, changes: dict[str, Any]) -> None:
        mine = TrainingJob.objects.filter(pk=self.job.pk, heartbeat_at=self.at)
        if not mine.update(heartbeat_at=beat, **changes):
            raise LostHold
        for name, value in changes.items():
            setattr(self.job, name, value)


def take(job_id: int) -> Hold | None:
    """The hold of an open job at which nobody works; None when somebody does, or when it is over."""
    now = timezone.now()
    silent = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - timedelta(seconds=settings.EVALS_LEASE_SECONDS))
    if not open_jobs().filter(silent, pk=job_id).update(heartbeat_at=now):
        return None
    job = TrainingJob.objects.select_related("training_set").get(pk=job_id)
    return Hold(job, now, was_tried=job.state != TrainingJob.State.WAITING)
