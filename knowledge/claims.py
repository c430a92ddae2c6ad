"""Who works on a version: a lease in its row, so that two workers never write one document.

The lease is renewed while work goes on. It may be taken over when it has run out, and at once when the process
that holds it is gone from this machine. Each write checks the token first: who lost the lease writes nothing.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from knowledge.models import DocumentVersion

State = DocumentVersion.State

POISON = (
    "poison",
    "Reading it has broken off several times. Look at the file, save it anew, and upload it again.",
)


class LostClaim(Exception):
    """Another process took over, or the document was removed: stop, and write nothing."""


@dataclass
class Claim:
    """The right to work on one version."""

    version_id: uuid.UUID
    token: str
    _renew_at: float = field(default=0.0)

    @contextmanager
    def hold(self) -> Iterator[DocumentVersion]:
        """The version, locked within a transaction, with the lease renewed. Raises `LostClaim`."""
        with transaction.atomic():
            version = self._rows().select_for_update(of=("self",)).select_related("document").first()
            if version is None:
                raise LostClaim
            self._extend()
            yield version

    def renew(self) -> None:
        """Renew the lease when a quarter of it has passed; cheap to call often. Raises `LostClaim`."""
        if time.monotonic() >= self._renew_at and not self._extend():
            raise LostClaim

    def fail(self, code: str, sentence: str) -> None:
        """End here: `failed`, with the reason in words."""
        self._release(state=State.FAILED, failure_code=code, failure_detail=sentence, lease_until=None)

    def give_back(self, code: str, sentence: str, *, again_in: float, counts: bool) -> None:
        """Let another attempt be made in so many seconds. With `counts` the last one allowed ends in `failed`."""
        row = DocumentVersion.objects.filter(pk=self.version_id).values_list("attempts", flat=True).first() or 0
        if counts and row >= settings.KNOWLEDGE_MAX_ATTEMPTS:
            self.fail(*POISON)
            return
        self._release(
            state=State.QUEUED,
            attempts=row if counts else max(0, row - 1),
            failure_code=code,
            failure_detail=sentence,
            lease_until=Now() + timedelta(seconds=again_in),
        )

    def _rows(self) -> Any:
        return DocumentVersion.objects.under_way().filter(pk=self.version_id, locked_by=self.token)

    def _extend(self) -> int:
        self._renew_at = time.monotonic() + settings.KNOWLEDGE_LEASE_SECONDS / 4
        until = Now() + timedelta(seconds=settings.KNOWLEDGE_LEASE_SECONDS)
        return int(self._rows().update(lease_until=until))

    def _release(self, **fields: Any) -> None:
        self._rows().update(locked_by="", **fields)


def claim_version(version_id: uuid.UUID | str) -> Claim | None:
    """Take the version, counting the attempt. None when it has ended, is gone, or somebody works on it."""
    with transaction.atomic():
        versions = DocumentVersion.objects.under_way().select_for_update(of=("self",)).defer("text")
        version = versions.filter(pk=version_id).first()
        if version is None or (version.locked_by and not _is_free(version)):
            return None
        if version.attempts >= settings.KNOWLEDGE_MAX_ATTEMPTS:
            fail_as_poison(version)
            return None
        claim = Claim(version.pk, new_token())
        DocumentVersion.objects.filter(pk=version.pk).update(
            state=State.EMBEDDING if version.chunks_total else State.EXTRACTING,
            attempts=version.attempts + 1,
            locked_by=claim.token,
            lease_until=Now() + timedelta(seconds=settings.KNOWLEDGE_LEASE_SECONDS),
            failure_code="",
            failure_detail="",
        )
        return claim


def abandoned() -> list[DocumentVersion]:
    """Versions under way that nobody works on any more."""
    under_way = DocumentVersion.objects.under_way().defer("text")
    held_here = under_way.filter(locked_by__startswith=f"{_host()}:")
    orphans = [version for version in held_here if owner_is_gone(version.locked_by)]
    return list({version.pk: version for version in [*orphans, *under_way.stalled()]}.values())


def fail_as_poison(version: DocumentVersion) -> None:
    """The version has used all its attempts."""
    code, sentence = POISON
    DocumentVersion.objects.filter(pk=version.pk, locked_by=version.locked_by).update(
        state=State.FAILED, failure_code=code, failure_detail=sentence, locked_by="", lease_until=None
    )


def new_token() -> str:
    """Names this process, and this one piece of work in it."""
    return f"{_host()}:{os.getpid()}:{secrets.token_hex(6)}"


def owner_is_gone(token: str) -> bool:
    """Whether the process behind a token ran on this machine and runs no more."""
    host, pid, _ = token.split(":")
    if host != _host():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _is_free(version: DocumentVersion) -> bool:
    return owner_is_gone(version.locked_by) or DocumentVersion.objects.stalled().filter(pk=version.pk).exists()


def _host() -> str:
    return socket.gethostname().replace(":", "-")[:36]
