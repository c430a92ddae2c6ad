"""How long is waited, and for what (F02, F03)."""

from __future__ import annotations

import math
from time import monotonic

import pytest

from llm import errors
from llm.catalogue import Model
from llm.retries import Course, retry_after

STRONG, FALLBACK = Model("strong", "first", frozenset()), Model("strong", "second", frozenset())
DATE = "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.LLM_RETRIES = 2
    settings.LLM_RETRY_SECONDS = 20.0


def course(*models: Model, seconds: float = 120) -> Course:
    return Course(models or (STRONG,), deadline=monotonic() + seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:07 GMT", "date": DATE}, 7),
        ({"retry-after": "Sun, 22 Nov 2026 09:59:00 GMT", "date": DATE}, 0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:07", "date": DATE}, 7),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Sun, 99 Nov 2026 10:00:00 GMT"}, None),
        ({"retry-after-ms": "junk", "retry-after": "4"}, 4),
        ({}, None),
    ],
)
def test_f02_every_form_of_retry_after_is_read(headers, seconds):
    assert retry_after(headers) == seconds


def test_f02_a_wish_is_honoured_with_a_little_jitter():
    assert 2 <= course().wait_after(errors.ProviderBusy(retry_after=2)) <= 2.2


def test_f02_an_hour_is_not_waited_for():
    with pytest.raises(errors.ProviderBusy):
        course().wait_after(errors.ProviderBusy(retry_after=3600))


def test_f02_the_waits_together_stay_within_their_limit():
    busy = course()
    busy.wait_after(errors.ProviderBusy(retry_after=12))
    with pytest.raises(errors.ProviderBusy):
        busy.wait_after(errors.ProviderBusy(retry_after=12))


def test_f02_no_wait_reaches_beyond_the_deadline():
    with pytest.raises(errors.ProviderBusy):
        course(seconds=1).wait_after(errors.ProviderBusy(retry_after=2))


def test_f03_two_retries_with_a_growing_wait_and_no_third():
    broken = course()
    first, second = (broken.wait_after(errors.ProviderDown()) for _ in range(2))
    assert 0.25 <= first <= 0.5 <= second <= 1.0
    with pytest.raises(errors.ProviderDown):
        broken.wait_after(errors.ProviderDown())


@pytest.mark.parametrize("kind", [errors.ProviderBusy, errors.ProviderDown, errors.Timeout])
def test_f03_the_fallback_model_follows_at_once_and_has_its_own_retries(kind, settings):
    settings.LLM_RETRIES = 0
    broken = course(STRONG, FALLBACK)
    assert (broken.wait_after(kind()), broken.model) == (0, FALLBACK)
    with pytest.raises(kind):
        broken.wait_after(kind())


@pytest.mark.parametrize(
    "kind", [errors.ProviderAuth, errors.BadRequest, errors.Interrupted, errors.ContentFiltered, errors.Timeout]
)
def test_other_errors_are_not_asked_again(kind):
    with pytest.raises(kind):
        course().wait_after(kind())


def test_f09_an_empty_answer_is_asked_again_once():
    empty = course(STRONG, FALLBACK)
    assert (empty.wait_after(errors.NoAnswer()), empty.model) == (0, STRONG)
    with pytest.raises(errors.NoAnswer):
        empty.wait_after(errors.NoAnswer())


def test_f04_an_open_breaker_is_not_waited_for():
    down = course(STRONG, FALLBACK)
    assert (down.wait_after(errors.ProviderDown(retry_after=math.inf)), down.model) == (0, FALLBACK)
