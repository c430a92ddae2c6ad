"""What the desk's banner says of the models."""

from __future__ import annotations

import pytest

from llm.models import Call
from llm.trouble import trouble

pytestmark = pytest.mark.django_db


def call(kind: str = "chat", error_code: str = "") -> Call:
    outcome = "failed" if error_code else "done"
    return Call.objects.create(
        purpose="answer", kind=kind, alias="strong", model="m", outcome=outcome, error_code=error_code
    )


def test_without_calls_there_is_no_trouble():
    assert trouble() is None


def test_f01_a_refused_key_is_trouble_until_a_call_of_that_kind_succeeds():
    call(error_code="provider_auth")
    call("embedding")
    found = trouble()
    assert found
    assert (found.code, found.model) == ("provider_auth", "m")
    assert "refuses our key" in found.sentence
    call()
    assert trouble() is None


def test_what_passes_by_itself_is_no_trouble():
    call(error_code="provider_busy")
    assert trouble() is None
