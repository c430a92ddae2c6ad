"""`python -P app/probe.py [URL]`: ask a server of this machine how it is; exit 1 and a sentence when it is not well.

A container's health check: it runs every few seconds, so it imports nothing but the standard library. The server is
asked by a name that it is allowed to serve, and as if by a proxy that had taken the request over HTTPS.
"""

from __future__ import annotations

import os
import sys
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

WEB = "http://127.0.0.1:8000/health/"
SECONDS = 4


def main() -> None:
    url = sys.argv[1] if len(sys.argv) > 1 else WEB
    sys.exit(problem_at(url))


def problem_at(url: str) -> str | None:
    """What is wrong at this address, in a sentence; None when nothing is."""
    headers = {"Host": served_name(os.environ.get("ALLOWED_HOSTS", "")), "X-Forwarded-Proto": "https"}
    request = Request(url, headers=headers)  # noqa: S310  (the address is our own)
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=SECONDS):
            return None
    except HTTPError as error:
        return f"It answers {error.code}: {error.read(500).decode(errors='replace')}"
    except OSError as error:
        return f"It does not answer: {error}"


def served_name(allowed_hosts: str) -> str:
    """A name out of ALLOWED_HOSTS: for `.example.com`, which allows all below it, `example.com` itself."""
    first = allowed_hosts.partition(",")[0].strip().lstrip(".")
    return first if first not in ("", "*") else "localhost"


if __name__ == "__main__":
    main()
