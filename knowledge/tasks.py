"""What the worker does for the library. A message is only a hint: the rows say what there is to do."""

from __future__ import annotations

import uuid

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

from knowledge import ingest, reembedding, removal

log = structlog.get_logger()


@shared_task
def ingest_version(version_id: str) -> None:
    ingest.ingest_version(version_id)


@shared_task
def reap() -> None:
    ingest.reap(send=enqueue)


@shared_task
def purge() -> None:
    removal.purge()


@shared_task
def reembed() -> None:
    reembedding.reembed()


@shared_task
def drop_superseded_vectors() -> None:
    reembedding.drop_superseded()


def enqueue(version_id: uuid.UUID) -> None:
    """Ask a worker to ingest this version. Without a broker it waits for the reaper."""
    ingest.mark_queued(version_id)
    try:
        ingest_version.apply_async((str(version_id),), retry_policy={"max_retries": 1})
    except OperationalError:
        log.warning("broker_away", version=str(version_id))
