"""A file that was uploaded and looked at, and waits for a person's word: an hour, in the cache, for that person."""

from __future__ import annotations

import re
import secrets
import zlib
from typing import cast

from django.core.cache import cache

from evals.models import Dataset
from knowledge.access import Viewer

SECONDS = 3_600
TOKEN = re.compile(r"[\w-]{20,60}")


def put_aside(data: bytes, viewer: Viewer, dataset: Dataset) -> str:
    """Keep the file; the token finds it again."""
    token = secrets.token_urlsafe(24)
    cache.set(_key(token, viewer, dataset), zlib.compress(data), SECONDS)
    return token


def kept_file(token: str, viewer: Viewer, dataset: Dataset) -> bytes | None:
    """The file, if it is there for this person and this set."""
    if not TOKEN.fullmatch(token):
        return None
    data = cast("bytes | None", cache.get(_key(token, viewer, dataset)))
    return zlib.decompress(data) if data is not None else None


def take_away(token: str, viewer: Viewer, dataset: Dataset) -> None:
    cache.delete(_key(token, viewer, dataset))


def _key(token: str, viewer: Viewer, dataset: Dataset) -> str:
    return f"evals:cases:{viewer.user_id}:{dataset.pk}:{token}"
