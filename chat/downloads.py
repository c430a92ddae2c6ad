"""One file from an address that the settings name: no other host, no redirect, and no more than was agreed."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from time import monotonic
from typing import Any, NoReturn
from urllib.parse import urlsplit

PIECE = 64 * 1024  # bytes
IDLE_SECONDS = 10  # between two pieces


class NotDownloaded(Exception):
    """The file could not be had. The message says why, without its address, which may hold a password."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, req: Any, fp: Any, code: int, msg: Any, headers: Any) -> NoReturn:  # noqa: ARG002
        raise NotDownloaded(f"the server answers {code} and names another address")

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def download(url: str, *, max_bytes: int, seconds: float) -> bytes:
    """The content behind an https:// address (http:// on this machine). Raises `NotDownloaded`.

    The address must come from the settings and never from a text that somebody wrote (A33, A34).
    """
    _check(url)
    deadline = monotonic() + seconds
    try:
        with _opener(url).open(url, timeout=IDLE_SECONDS) as response:
            if response.headers.get_content_type() in {"text/html", "application/xhtml+xml"}:
                raise NotDownloaded("a page came in place of a file")
            return _read(response, max_bytes, deadline)
    except urllib.error.HTTPError as error:
        error.close()
        raise NotDownloaded(f"the server answers {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise NotDownloaded(type(error).__name__) from None


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_on_this_machine(parts.hostname or "")):
        raise NotDownloaded("its address must begin with https://")


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Knows http and https alone: urllib's usual one also opens files, ftp and data (A35)."""
    opener = urllib.request.OpenerDirector()
    proxies: dict[str, str] | None = {} if _is_on_this_machine(urlsplit(url).hostname or "") else None
    for handler in (
        urllib.request.ProxyHandler(proxies),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _NoRedirects(),
    ):
        opener.add_handler(handler)
    return opener


def _read(response: HTTPResponse, max_bytes: int, deadline: float) -> bytes:
    """The body, piece by piece as it comes, so that neither a large nor a slow one is waited for to its end."""
    pieces, size = [], 0
    while piece := response.read1(PIECE):
        size += len(piece)
        if size > max_bytes:
            raise NotDownloaded(f"it is larger than {max_bytes:,} bytes")
        if monotonic() > deadline:
            raise NotDownloaded("it took too long")
        pieces.append(piece)
    if size < int(response.headers.get("Content-Length", 0)):
        raise NotDownloaded("it ended early")
    return b"".join(pieces)


def _is_on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
