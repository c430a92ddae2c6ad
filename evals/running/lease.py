"""Who works at a run: one worker at a time, for as long as its heart beats."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from evals.models import Run
from evals.models.runs import RunQuerySet

State = Run.State


class LostLease(Exception):
    """Another worker has the run, because this one was silent for too long."""


@dataclass(frozen=True)
class Lease:
    """A run that this worker has. `token` tells it from all others."""

    run_id: int
    token: str

    @property
    def _row(self) -> RunQuerySet:
        return Run.objects.filter(pk=self.run_id, worker=self.token)

    def renew(self) -> str:
        """Say that we live, and read the state that people want the run to be in. Raises `LostLease`."""
        self._row.update(heartbeat_at=Now())
        state = self._row.values_list("state", flat=True).first()
        if state is None:
            raise LostLease
        return state

    def hold(self) -> Run:
        """The run, locked until the transaction ends, so that nothing is stored by two. Raises `LostLease`."""
        run = self._row.select_for_update(no_key=True).first()
        if run is None:
            raise LostLease
        return run

    def confirm(self) -> None:
        """Make sure, until the transaction ends, that nobody else takes the run. Raises `LostLease`.

        Hands of one worker do not wait for one another here, as they would for `hold`.
        """
        with connection.cursor() as cursor:
            mine = f"SELECT 1 FROM {Run._meta.db_table} WHERE id = %s AND worker = %s FOR SHARE"  # noqa: S608 (a table)
            cursor.execute(mine, [self.run_id, self.token])
            if cursor.fetchone() is None:
                raise LostLease

    def release(self, **changes: Any) -> None:
        """Give it back, with changes to its columns."""
        self._row.update(worker="", heartbeat_at=Now(), **changes)


def take(run_id: int, *, token: str = "") -> Lease | None:
    """The lease of a run that nobody works at; None when somebody does, or when there is nothing to work at."""
    lease = Lease(run_id, (token or f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}")[:60])
    free = Run.objects.open().filter(Q(worker="") | _silent(), pk=run_id)
    began = Coalesce("started_at", Now())
    taken = free.update(worker=lease.token, state=State.RUNNING, heartbeat_at=Now(), started_at=began)
    return lease if taken else None


def abandoned() -> list[int]:
    """Open runs at which nobody has worked for the time of a lease. Those that a command ran are paused instead: who
    has ended a command did not ask a server to go on with it."""
    lying = Run.objects.open().exclude(trigger=Run.Trigger.ONLINE).filter(_silent())
    lying.filter(trigger=Run.Trigger.COMMAND, state=State.RUNNING).exclude(worker="").update(
        state=State.PAUSED,
        worker="",
        problem="The command that ran it has ended. Resume it here, or with --resume.",
    )
    return list(lying.order_by("pk").values_list("pk", flat=True))


def _silent() -> Q:
    long_ago = Now() - timedelta(seconds=settings.EVALS_LEASE_SECONDS)
    return Q(heartbeat_at__lt=long_ago) | Q(heartbeat_at=None, created_at__lt=long_ago)
