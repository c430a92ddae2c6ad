"""`/health/` and the probe that asks it: well, not well, and asked by a name that the site does not serve."""

from __future__ import annotations

import json
import time

import pytest
from django.test import AsyncClient, Client

from app import probe
from app.parts import free_port

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_process_that_can_serve_is_well(async_client: AsyncClient):
    answer = await async_client.get("/health/")
    assert answer.status_code == 200
    assert json.loads(answer.content) == {"status": "ok", "database": "ok", "redis": "ok"}
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
    assert not answer.cookies


async def test_without_redis_it_says_so_and_gives_nothing_away(async_client: AsyncClient, settings):
    port = free_port()
    settings.REDIS_URL = f"redis://:secret-word@127.0.0.1:{port}/0"
    answer = await async_client.get("/health/")
    assert answer.status_code == 503
    assert json.loads(answer.content) == {"status": "down", "database": "ok", "redis": "down"}


async def test_a_database_that_does_not_answer_in_time_is_down(async_client: AsyncClient, monkeypatch):
    monkeypatch.setattr("app.health.SECONDS", 0.05)
    monkeypatch.setattr("app.health._ask_database", lambda: time.sleep(0.3))
    answer = await async_client.get("/health/")
    assert answer.status_code == 503
    assert json.loads(answer.content)["database"] == "down"


def test_it_is_asked_from_within_without_https(client: Client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/").status_code == 200
    assert client.get("/account/login/").status_code == 301


def test_only_reading_is_allowed(client: Client):
    assert client.post("/health/").status_code == 405


def test_the_probe_asks_by_a_name_that_is_served(live: str, settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["help.example.com"]
    monkeypatch.setenv("ALLOWED_HOSTS", "help.example.com,www.example.com")
    assert probe.problem_at(f"{live}/health/") is None
    monkeypatch.setenv("ALLOWED_HOSTS", "other.example.com")
    assert (probe.problem_at(f"{live}/health/") or "").startswith("It answers 400")


def test_the_probe_says_when_nobody_answers():
    assert (probe.problem_at(f"http://127.0.0.1:{free_port()}/") or "").startswith("It does not answer")


@pytest.mark.parametrize(
    ("allowed", "name"),
    [
        ("help.example.com", "help.example.com"),
        (".example.com", "example.com"),
        ("*", "localhost"),
        ("", "localhost"),
        (" a.example , b.example", "a.example"),
    ],
)
def test_the_probe_chooses_a_name(allowed: str, name: str):
    assert probe.served_name(allowed) == name
