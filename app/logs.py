"""How the product's log lines are written, whichever library they come from. None holds what a customer typed of
himself: e-mail addresses, phone, card, account and social security numbers are masked in the finished line.

Tracebacks come without the values of variables. IP addresses stay: who attacks, and which server is away, is what logs
are read for.
"""

from __future__ import annotations

import logging.config
import sys
from contextlib import suppress
from typing import Any

import structlog
from structlog.typing import Processor

from chat.privacy.masks import redact

BEFORE: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,  # plain text: other formatters show local variables
]


class ToStandardError(logging.Handler):
    """Writes to what is standard error at that moment. What cannot be written is dropped: the standard library would
    print it as it is, unmasked.
    """

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()


class MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """Masks the line as it will be written: its event, its values and its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record), keep=("IP",))


def configure(wanted: dict[str, Any]) -> None:
    """Set up the standard library's loggers and structlog's, as Django calls it: with `level` and `as_json`."""
    renderer: Processor = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    if wanted["as_json"]:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "masking": {
                    "()": MaskingFormatter,
                    "foreign_pre_chain": BEFORE,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"console": {"()": ToStandardError, "formatter": "masking"}},
            "root": {"handlers": ["console"], "level": wanted["level"]},
            # Django's own would mail every request that broke to the admins, with the form that was sent
            "loggers": {"django": {"handlers": [], "level": wanted["level"], "propagate": True}},
        }
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *BEFORE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
