"""Bodies that are too long are refused as they come in, whoever sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from app.request_size import OF_A_FORM

pytestmark = pytest.mark.django_db(transaction=True)


async def endless(megabytes: int) -> AsyncIterator[bytes]:
    for _ in range(megabytes):
        yield b"x" * 2**20


async def post(address: str, path: str, **body: object) -> int:
    async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
        return int((await client.post(path, **body)).status_code)  # type: ignore[arg-type]


async def test_a53_a_body_that_says_it_is_too_long_is_refused_unread(live: str):
    assert await post(live, "/ask/", content=b"x" * (OF_A_FORM + 1)) == 413


async def test_a53_a56_a_body_that_does_not_say_its_length_is_counted(live: str):
    assert await post(live, "/ask/", content=endless(3)) == 413


async def test_a53_an_upload_of_anybody_has_a_limit_too(live: str, settings):
    settings.KNOWLEDGE_MAX_UPLOAD_MB = 2
    assert await post(live, "/knowledge/upload/", content=endless(4)) == 413


async def test_a_form_of_ordinary_size_passes(live: str):
    assert await post(live, "/ask/", data={"text": "Hello"}) == 403  # no token: Django has read it
