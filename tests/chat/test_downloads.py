"""A download goes where the settings say, and nowhere else."""

from __future__ import annotations

import time

import pytest

from chat.downloads import NotDownloaded, download
from tests.chat.serving import Served, serving


def test_the_content_as_it_is():
    with serving(Served(b"a,b\r\n1,2\r\n", headers={"Content-Type": "text/csv"})) as address:
        assert download(address, max_bytes=1_000, seconds=5) == b"a,b\r\n1,2\r\n"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a34_a_redirect_is_not_followed(status: int):
    asked: list[str] = []
    with (
        serving(Served(b"secret"), asked) as inside,
        serving(Served(b"", status=status, headers={"Location": inside})) as outside,
        pytest.raises(NotDownloaded, match=str(status)),
    ):
        download(outside, max_bytes=1_000, seconds=5)
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/file.csv",
        "http://10.0.0.1/file.csv",
        "file:///etc/passwd",
        "ftp://example.com/file.csv",
        "gopher://example.com/",
        "data:text/csv,a",
        "/etc/passwd",
        "",
    ],
)
def test_a35_only_https_is_asked(address: str):
    with pytest.raises(NotDownloaded, match="https"):
        download(address, max_bytes=1_000, seconds=5)


def test_what_is_too_large_is_not_read_to_its_end():
    began = time.monotonic()
    with serving(Served(b"x" * 100_000_000)) as address, pytest.raises(NotDownloaded, match="larger"):
        download(address, max_bytes=1_000, seconds=5)
    assert time.monotonic() - began < 3


def test_what_drips_is_not_waited_for():
    began = time.monotonic()
    with serving(Served(b"x" * 1_000, drip=0.05)) as address, pytest.raises(NotDownloaded, match="too long"):
        download(address, max_bytes=10_000, seconds=0.3)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "served",
    [
        Served(b"no", status=500),
        Served(b"no", status=403),
        Served(b"<html>", headers={"Content-Type": "text/html; charset=utf-8"}),
        Served(b"short", headers={"Content-Length": "50"}),
        Served(b"short", headers={"Content-Length": "much"}),
    ],
)
def test_any_other_answer_is_no_file(served: Served):
    with serving(served) as address, pytest.raises(NotDownloaded):
        download(address, max_bytes=1_000, seconds=2)


def test_nobody_there():
    with serving(Served(b"")) as address:
        pass
    with pytest.raises(NotDownloaded, match=r"URLError|Refused"):
        download(address, max_bytes=1_000, seconds=2)
