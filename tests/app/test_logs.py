"""Log lines tell what happened, and nothing that a customer typed of himself."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from django.conf import settings

from app import logs

TYPED = "I am canary@example.com, card 4111 1111 1111 1111, SSN 460-89-9847"
CANARIES = ("canary", "4111", "460-89")


@pytest.fixture(params=[False, True], ids=["text", "JSON"])
def as_json(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[bool]:
    """The product's own set-up, in both forms, writing to what `capsys` reads; pytest's handlers are put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure({"level": "INFO", "as_json": request.param})
    yield request.param
    logs.configure(settings.LOGGING)
    root.handlers[:] = handlers
    root.setLevel(level)


def _break(typed: str) -> None:
    private = f"a local with {typed}"
    raise ValueError(typed) from KeyError(len(private))


def test_no_line_of_any_logger_holds_what_was_typed(as_json: bool, capsys: pytest.CaptureFixture[str]):
    ours, theirs = structlog.get_logger("chat"), logging.getLogger("some.library")
    ours.info("asked", text=TYPED, reply="r1")
    theirs.warning("could not read %s", TYPED)
    for log in (ours, theirs, logging.getLogger("django.request")):
        try:
            _break(TYPED)
        except ValueError:
            log.exception("it broke")
    written = capsys.readouterr().err
    assert [canary for canary in CANARIES if canary in written] == []
    assert written.count("[EMAIL]") >= 5
    assert "a local with" not in written.replace('private = f"a local with {typed}"', "")
    assert written.count("ValueError") >= 3
    if as_json:
        assert {json.loads(line)["level"] for line in written.splitlines()} == {"info", "warning", "error"}


def test_lines_keep_addresses_levels_and_names(as_json: bool, capsys: pytest.CaptureFixture[str]):
    structlog.get_logger("knowledge").warning("part_is_down", host="192.0.2.7", version="1.2.3")
    structlog.get_logger("knowledge").debug("not this")
    logging.getLogger("celery").info("Task 550e8400-e29b-41d4-a716-446655440000 took 0.123456789 s at 1700000000")
    written = capsys.readouterr().err
    for kept in ("part_is_down", "192.0.2.7", "knowledge", "446655440000", "0.123456789", "1700000000"):
        assert kept in written
    assert "not this" not in written


def test_a_request_that_breaks_is_not_mailed_with_its_form():
    handlers = [handler for name in ("", "django", "django.request") for handler in logging.getLogger(name).handlers]
    assert not any("AdminEmail" in type(handler).__name__ for handler in handlers)
