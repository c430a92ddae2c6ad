"""A file to its text, in a child process that may die of it: limited in time, memory, pages and characters.

One child serves many files, since starting Python for each would take longer than reading most of them. It is
started without the environment of this process, so that no key is within reach of a hostile file.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings

from knowledge.errors import Rejected
from knowledge.parsed import ParsedDocument
from llm.cleaning import clean

COMMAND = (sys.executable, "-m", "knowledge.extractor")
INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR")
LOOK_EVERY = 0.1  # seconds between two looks at the child
READ_SIZE = 1 << 20
MEGABYTE = 1024 * 1024

TOO_SLOW = Rejected("too_slow", "Reading this file takes too long. Upload it in parts.")
TOO_MUCH_MEMORY = Rejected("too_much_memory", "Reading this file takes too much memory. Upload it in parts.")


class ExtractorDied(Exception):
    """The child ended without an answer, and not by our limits: another attempt may go well."""


def extract(content: bytes, file_format: str, *, while_waiting: Callable[[], None] = lambda: None) -> ParsedDocument:
    """The text of a file of this format (a key of `PARSERS`), cleaned. `while_waiting` runs about ten times a second.

    Raises `Rejected` when the file cannot be read within the limits, `ExtractorDied` when the child was killed.
    """
    with tempfile.NamedTemporaryFile(prefix="frontdesk-") as file:
        file.write(content)
        file.flush()
        answer = _ask_child(_request(file.name, file_format), while_waiting)
    if "code" in answer:
        raise Rejected(answer["code"], answer["sentence"])
    return cleaned(ParsedDocument.from_json(answer["parsed"]))


def cleaned(parsed: ParsedDocument) -> ParsedDocument:
    """The document without NUL, lone surrogates and control characters, with a note of how many there were (F48)."""
    blocks = [replace(one, text=clean(one.text), headings=tuple(map(clean, one.headings))) for one in parsed.blocks]
    kept = tuple(block for block in blocks if block.text.strip())
    lost = sum(len(block.text) for block in parsed.blocks) - sum(len(block.text) for block in blocks)
    document = replace(parsed, title=clean(parsed.title), blocks=kept)
    if not any(not block.is_heading for block in kept):
        raise Rejected("no_text", "There is no text in this file.")
    return document.with_note(f"{_characters(lost)} without meaning left out.") if lost else document


def _characters(count: int) -> str:
    return "1 control character" if count == 1 else f"{count} control characters"


def _request(path: str, file_format: str) -> dict[str, Any]:
    return {
        "path": path,
        "format": file_format,
        "seconds": settings.KNOWLEDGE_PARSE_SECONDS,
        "megabytes": settings.KNOWLEDGE_PARSE_MEMORY_MB,
        "pages": settings.KNOWLEDGE_MAX_PAGES,
        "characters": settings.KNOWLEDGE_MAX_CHARACTERS,
    }


_lock = threading.Lock()
_children: dict[int, _Child] = {}  # by the process that started it: after a fork each needs its own


def _ask_child(request: dict[str, Any], while_waiting: Callable[[], None]) -> dict[str, Any]:
    with _lock:
        child = _children.pop(os.getpid(), None) or _Child()
        try:
            answer = child.ask(request, while_waiting)
        except BaseException:
            child.stop()
            raise
        if child.resident_megabytes() > request["megabytes"] / 2:
            child.stop()
        else:
            _children[os.getpid()] = child
        return answer


class _Child:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=Path(__file__).resolve().parent.parent,
            env={name: os.environ[name] for name in INHERITED if name in os.environ},
        )
        self._requests, self._answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def ask(self, request: dict[str, Any], while_waiting: Callable[[], None]) -> dict[str, Any]:
        """Send one request and wait for its answer, within its limits."""
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
        except BrokenPipeError:
            raise ExtractorDied("it was gone already") from None
        deadline = time.monotonic() + 5 + 1.5 * request["seconds"]  # the kernel counts processor time, this a clock
        answer = bytearray()
        while not answer.endswith(b"\n"):
            if select.select([self._answers], [], [], LOOK_EVERY)[0]:
                answer += self._read()
                continue
            if time.monotonic() > deadline:
                raise TOO_SLOW
            if self.resident_megabytes() > request["megabytes"]:
                raise TOO_MUCH_MEMORY
            while_waiting()
        return dict(json.loads(answer))

    def _read(self) -> bytes:
        part = os.read(self._answers.fileno(), READ_SIZE)
        if part:
            return part
        code = self._process.wait()
        raise TOO_SLOW if code == -signal.SIGXCPU else ExtractorDied(f"exit code {code}")

    def resident_megabytes(self) -> float:
        """How much memory it really holds; 0 where the system does not say (then only its address space is limited)."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0.0
        return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()


@atexit.register
def stop_child() -> None:
    """End this process's child; the next file starts another."""
    if child := _children.pop(os.getpid(), None):
        child.stop()
