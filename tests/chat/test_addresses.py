"""Whose address counts."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from chat.addresses import client_address


def meta(peer: str, forwarded_for: str) -> dict[str, str]:
    return {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded_for}


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "address"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "198.51.100.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "198.51.100.1:4711", "198.51.100.1"),
        (1, "unknown", "192.0.2.1"),
        (1, "[2001:db8:1:2:aaaa::7]:443", "2001:db8:1:2::"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_a51_only_what_a_trusted_proxy_saw_counts(settings: Settings, proxies: int, forwarded_for: str, address: str):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(meta("192.0.2.1", forwarded_for)) == address


def test_a51_a_socket_is_read_as_a_page_is(settings: Settings):
    settings.TRUSTED_PROXIES = 1
    headers = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"198.51.100.1")]
    assert client_address({"client": ("192.0.2.1", 5), "headers": headers}) == "198.51.100.1"
    assert client_address({"client": None, "headers": []}) == ""
