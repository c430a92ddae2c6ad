"""The child process that reads files: `python -m knowledge.extractor`. It knows no settings, no keys, no database.

One JSON object a line in, one out: see `knowledge/extraction.py`, which starts it, feeds it and watches it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from knowledge.errors import Rejected
from knowledge.limits import Limits, check_characters, limits
from knowledge.parsers import parse

MEGABYTE = 1024 * 1024


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    for request in sys.stdin.buffer:
        answers.write(json.dumps(_answer(json.loads(request))).encode() + b"\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    _limit(seconds=request["seconds"], megabytes=request["megabytes"])
    limits.set(Limits(pages=request["pages"], characters=request["characters"]))
    try:
        with Path(request["path"]).open("rb") as file:
            parsed = parse(file, request["format"])
        check_characters(len(parsed.text))
        return {"parsed": parsed.as_json()}
    except Rejected as rejected:
        return {"code": rejected.code, "sentence": rejected.sentence}
    except MemoryError:
        return {"code": "too_much_memory", "sentence": "Reading this file takes too much memory. Upload it in parts."}
    except Exception as error:  # any parser, any file: the process stays up, and the answer names what happened
        return {
            "code": "damaged",
            "sentence": f"This file is damaged and cannot be read ({type(error).__name__}). Export it again.",
        }


def _limit(*, seconds: int, megabytes: int) -> None:
    """From now on: this much processor time (the kernel ends the process after it) and address space."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))
    if sys.platform != "darwin":  # macOS has no such limit
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, most))


if __name__ == "__main__":
    main()
