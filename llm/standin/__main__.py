"""`python -m llm.standin --port 8100` serves the stand-in on this machine."""

from __future__ import annotations

import argparse
import os
import sys

import uvicorn

from llm.standin.app import create_app
from llm.standin.reply import Pace

THREADS = {"OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


def main() -> None:
    """Serves until it is told to stop."""
    options = _parse()
    _compute_in_single_threads()
    pace = Pace(options.first_token_ms, options.tokens_per_second)
    uvicorn.run(
        create_app(pace, tuning_seconds=options.tuning_seconds),
        host=options.host,
        port=options.port,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


def _compute_in_single_threads() -> None:
    """One thread per matrix product, since several products run side by side.

    OpenBLAS reads this when numpy is loaded, which importing the package has done: so the process begins anew.
    """
    if "OPENBLAS_NUM_THREADS" not in os.environ:
        os.environ.update({**THREADS, **os.environ})
        os.execv(sys.executable, [sys.executable, "-m", "llm.standin", *sys.argv[1:]])  # noqa: S606 - ourselves again


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m llm.standin", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--first-token-ms", type=float, default=0, metavar="F")
    parser.add_argument("--tokens-per-second", type=float, default=0, metavar="R", help="0: as fast as it can")
    parser.add_argument("--tuning-seconds", type=float, default=0, metavar="S", help="what a job of teaching takes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
