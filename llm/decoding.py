"""Bytes of a stream → JSON objects, however the network cut them (the HTML standard's event stream format).

A small decoder of our own, because the SDK builds a pydantic object for each chunk: three times the cost
of all the rest.
"""

from __future__ import annotations

import json
from typing import Any

LONGEST_EVENT = 1024 * 1024  # bytes: no honest chunk comes near it
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class StreamDecoder:
    """Feed it bytes, take JSON objects.

    `is_done` after `[DONE]`; `trouble` says why the stream cannot be read on. Nothing comes after either.
    """

    def __init__(self) -> None:
        self.is_done = False
        self.trouble = ""
        self._unfinished: list[bytes] = []
        self._unfinished_bytes = 0
        self._data: list[bytes] = []
        self._event = b""
        self._event_bytes = 0
        self._mark = _BYTE_ORDER_MARK  # may stand before the first line

    def feed(self, received: bytes) -> list[dict[str, Any]]:
        """The objects that these bytes complete."""
        objects = []
        for line in self._lines(received):
            if self.is_done or self.trouble:
                break
            if (found := self._read_line(line)) is not None:
                objects.append(found)
        if self._event_bytes + self._unfinished_bytes > LONGEST_EVENT + 1:
            self.trouble = self.trouble or "an event has no end"
        return objects

    def _lines(self, received: bytes) -> list[bytes]:
        """The lines now complete. They end in LF, CR or CRLF; a CR at the very end waits for the LF to come."""
        self._unfinished.append(received)
        self._unfinished_bytes += len(received)
        if b"\n" not in received and b"\r" not in received:
            return []
        lines = b"".join(self._unfinished).splitlines(keepends=True)
        self._unfinished = [] if lines[-1].endswith(b"\n") else [lines.pop()]
        self._unfinished_bytes = sum(map(len, self._unfinished))
        return [line.rstrip(b"\r\n") for line in lines]

    def _read_line(self, line: bytes) -> dict[str, Any] | None:
        line, self._mark = line.removeprefix(self._mark), b""
        self._event_bytes += len(line)
        if self._event_bytes > LONGEST_EVENT:
            self.trouble = "an event is too long"
        elif not line:
            return self._dispatch()
        elif line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
            self.is_done = self._data == [b"[DONE]"]  # some servers end without the empty line
        elif line.startswith(b"event:"):
            self._event = line[6:].strip()
        elif line[:1] in (b"<", b"{"):
            self.trouble = "a page came in place of a stream"
        return None  # comments and other fields mean nothing here

    def _dispatch(self) -> dict[str, Any] | None:
        data, is_error = b"\n".join(self._data), self._event == b"error"
        self._data, self._event, self._event_bytes = [], b"", 0
        if is_error:
            self.trouble = "the server reported an error"
            return None
        return self._parse(data) if data else None

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
