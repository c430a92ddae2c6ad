"""A server on this machine that gives one answer to everybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Served:
    """The answer; with `drip` its body comes a byte at a time, so many seconds apart."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0


@contextmanager
def serving(answer: Served, asked: list[str] | None = None) -> Iterator[str]:
    """The address of a file there; the paths that are asked for are added to `asked`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            self.send_response(answer.status)
            for name, value in ({"Content-Length": str(len(answer.body))} | dict(answer.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # who asked may have had enough
                self._write()

        def _write(self) -> None:
            if not answer.drip:
                self.wfile.write(answer.body)
            for number in range(len(answer.body) if answer.drip else 0):
                self.wfile.write(answer.body[number : number + 1])
                time.sleep(answer.drip)

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/file.csv"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
