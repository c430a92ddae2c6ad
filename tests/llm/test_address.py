"""Where requests to a model may go (A74)."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from llm.address import problem_with
from tests.llm.conftest import failed_answer


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/",
        "http://0xa9fea9fe/v1",
        "http://2852039166/v1",
        "http://169.254.43518/v1",
        "http://[::ffff:a9fe:a9fe]/v1",
        "http://[64:ff9b::a9fe:a9fe]/v1",
        "http://[2002:a9fe:a9fe::]/v1",
        "http://[fe80::1%25eth0]/v1",
        "http://[fd00:ec2::254]/v1",
        "http://metadata.google.internal./v1",
        "http://100.100.100.200/v1",
        "file:///etc/passwd",
        "gopher://example.com/",
        "http:///v1",
        "http://[::1/v1",
    ],
)
def test_a74_an_address_that_hands_out_secrets_is_refused(address: str):
    assert problem_with(address)


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "http://127.0.0.1:8001/v1",
        "http://[::1]:1234/v1",
        "http://10.1.2.3/v1",
        "https://models.example.com/v1",
    ],
)
def test_a74_a_server_of_ones_own_may_be_asked(address: str | None):
    assert problem_with(address) == ""


def test_a74_such_a_setting_does_not_start(settings):
    settings.LLM_BASE_URL = "http://169.254.169.254/v1"
    assert [message.id for message in run_checks() if (message.id or "").startswith("llm")] == ["llm.E001"]


async def test_a74_and_is_not_asked(settings):
    settings.LLM_BASE_URL = "http://169.254.169.254/v1"
    _, error = await failed_answer()
    assert (error.code, "never asked" in str(error)) == ("bad_request", True)
