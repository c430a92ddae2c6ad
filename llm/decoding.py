"""Bytes of a stream → JSON objects, however the network cut them (the HTML standard's event stream format).

A small decoder of our own, because the SDK builds a pydantic object for each chunk: three times the cost
of all the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

LONGEST_LINE = 1024 * 1024  # bytes: no honest chunk comes near it
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class StreamDecoder:
    """Feed it bytes, take JSON objects.

    `is_done` after `[DONE]`; `trouble` says why the stream cannot be read on, and nothing comes after it.
    """

    def __init__(self) -> None:
        self.is_done = False
        self.trouble = ""
        self._unfinished: list[bytes] = []
        self._data: list[bytes] = []
        self._event = b""

    def feed(self, received: bytes) -> list[dict[str, Any]]:
        """The objects that these bytes complete."""
        objects = []
        for line in self._lines(received):
            if self.is_done or self.trouble:
                break
            if (found := self._read_line(line)) is not None:
                objects.append(found)
        return objects

    def _lines(self, received: bytes) -> Iterator[bytes]:
        """Lines end in LF, CR or CRLF; a CR at the very end waits for the LF that may follow."""
        self._unfinished.append(received)
        if b"\n" not in received and b"\r" not in received:
            if sum(map(len, self._unfinished)) > LONGEST_LINE:
                self.trouble = "a line has no end"
            return
        lines = b"".join(self._unfinished).splitlines(keepends=True)
        self._unfinished = [] if lines[-1].endswith(b"\n") else [lines.pop()]
        yield from (line.rstrip(b"\r\n") for line in lines)

    def _read_line(self, line: bytes) -> dict[str, Any] | None:
        if len(line) > LONGEST_LINE:
            self.trouble = "a line is too long"
        elif not line:
            return self._dispatch()
        elif line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b"event:"):
            self._event = line[6:].strip()
        elif line.startswith(_BYTE_ORDER_MARK):
            return self._read_line(line[3:])
        elif line[:1] in (b"<", b"{"):
            self.trouble = "a page came in place of a stream"
        return None  # comments and other fields mean nothing here

    def _dispatch(self) -> dict[str, Any] | None:
        data, event = b"\n".join(self._data), self._event
        self._data, self._event = [], b""
        if event == b"error":
            self.trouble = "the server reported an error"
        elif data == b"[DONE]":
            self.is_done = True
        elif data:
            return self._parse(data)
        return None

    def _parse(self, data: bytes) -> dict[str, Any] | None:
        try:
            found = json.loads(data.decode())
        except (ValueError, RecursionError):
            self.trouble = "a chunk is not JSON"
            return None
        if not isinstance(found, dict):
            self.trouble = "a chunk is not an object"
        elif found.get("error"):
            self.trouble = "the server reported an error"
        else:
            return found
        return None
