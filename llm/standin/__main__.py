"""`python -m llm.standin --port 8100` serves the stand-in on this machine."""

from __future__ import annotations

import argparse
import os

# Before numpy is imported: one thread per matrix product, since several products run side by side.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import uvicorn

from llm.standin.app import create_app
from llm.standin.reply import Pace


def main() -> None:
    """Serves until it is told to stop."""
    options = _parse()
    pace = Pace(options.first_token_ms, options.tokens_per_second)
    uvicorn.run(
        create_app(pace),
        host=options.host,
        port=options.port,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m llm.standin", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--first-token-ms", type=float, default=0, metavar="F")
    parser.add_argument("--tokens-per-second", type=float, default=0, metavar="R", help="0: as fast as it can")
    return parser.parse_args()


if __name__ == "__main__":
    main()
