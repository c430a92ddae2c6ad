"""When a model is left alone, and when it is tried again (F01, F04)."""

from __future__ import annotations

import logging

import pytest

from llm import breaker, errors
from llm.breaker import Breaker


@pytest.fixture
def clock(monkeypatch, settings):
    """The monotonic clock, set by hand."""
    settings.LLM_BREAKER_FAILURES = 5
    settings.LLM_BREAKER_SECONDS = 30.0
    now = [1000.0]
    monkeypatch.setattr(breaker, "monotonic", lambda: now[0])
    return now


def fail(guarded: Breaker, error: Exception, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(error)), guarded.guard():
            raise error


def test_f04_it_opens_after_five_failures_and_not_before(clock):
    guarded = Breaker("m")
    fail(guarded, errors.ProviderDown(), times=4)
    assert not guarded.is_open
    fail(guarded, errors.ProviderDown())
    with pytest.raises(errors.ProviderDown), guarded.guard():
        pytest.fail("the breaker is open")


def test_f04_a_success_starts_the_count_anew(clock):
    guarded = Breaker("m")
    fail(guarded, errors.Timeout(), times=4)
    with guarded.guard():
        pass
    fail(guarded, errors.Timeout(), times=4)
    assert not guarded.is_open


def test_f04_one_trial_after_thirty_seconds_and_a_success_closes_it(clock):
    guarded = Breaker("m")
    fail(guarded, errors.ProviderDown(), times=5)
    clock[0] += 30
    with guarded.guard(), pytest.raises(errors.ProviderDown), guarded.guard():
        pytest.fail("while the trial goes on, nobody else passes")
    assert not guarded.is_open


def test_f04_a_trial_that_fails_or_is_given_up_waits_for_the_next_one(clock):
    guarded = Breaker("m")
    fail(guarded, errors.ProviderDown(), times=5)
    for give_up in (errors.ProviderDown(), GeneratorExit()):
        clock[0] += 30
        with pytest.raises(type(give_up)), guarded.guard():
            raise give_up
        with pytest.raises(errors.ProviderDown), guarded.guard():
            pytest.fail("too early")
    clock[0] += 30
    with guarded.guard():
        pass
    assert not guarded.is_open


def test_f01_a_refused_key_opens_it_at_once_and_is_logged_once(clock, caplog):
    guarded = Breaker("m")
    with caplog.at_level(logging.ERROR, "llm.breaker"):
        fail(guarded, errors.ProviderAuth("status 401"))
        clock[0] += 30
        fail(guarded, errors.ProviderAuth("status 401"))
    with pytest.raises(errors.ProviderAuth), guarded.guard():
        pytest.fail("the breaker is open")
    assert len(caplog.records) == 1


@pytest.mark.parametrize("error", [errors.BadRequest(), errors.ProviderBusy(), errors.Interrupted(), ValueError()])
def test_errors_that_say_nothing_of_the_servers_health_do_not_count(clock, error):
    guarded = Breaker("m")
    fail(guarded, error, times=10)
    assert not guarded.is_open
