"""The rates that the assistant tells, and as of when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from chat.rates import SAMPLE, SURVEY, WeeklyRate, store
from chat.tools.get_mortgage_rates import get_mortgage_rates
from llm import InvalidArguments
from llm.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)


def week(days_ago: int, thirty: str, fifteen: str = "") -> list[WeeklyRate]:
    day = timezone.localdate() - timedelta(days=days_ago)
    rates = [WeeklyRate(day, 30, Decimal(thirty))]
    return [*rates, WeeklyRate(day, 15, Decimal(fifteen))] if fifteen else rates


async def test_both_terms_of_the_latest_week_with_its_day_and_source():
    await in_database(store, [*week(9, "7.00", "6.00"), *week(2, "6.10", "5.37")])
    told = await get_mortgage_rates.call({"term": None})
    day = timezone.localdate() - timedelta(days=2)
    assert told == {
        "30-year fixed": "6.10%",
        "15-year fixed": "5.37%",
        "as of": f"{day:%B} {day.day}, {day.year}",
        "source": SURVEY,
    }


async def test_one_term_alone():
    await in_database(store, week(2, "6.10", "5.37"))
    told = await get_mortgage_rates.call({"term": 15})
    assert told["15-year fixed"] == "5.37%"
    assert "30-year fixed" not in told


async def test_a_week_without_this_term_is_not_its_latest():
    await in_database(store, [*week(9, "7.00", "6.00"), *week(2, "6.10")])
    assert (await get_mortgage_rates.call({"term": 15}))["15-year fixed"] == "6.00%"


async def test_old_rates_are_said_to_be_old(settings):
    await in_database(store, week(settings.CHAT_RATES_STALE_DAYS, "6.10"))
    assert "note" not in await get_mortgage_rates.call({"term": 30})
    await in_database(store, week(settings.CHAT_RATES_STALE_DAYS + 1, "6.10"))
    assert "11 days old" in (await get_mortgage_rates.call({"term": 30}))["note"]


async def test_the_samples_rates_are_not_passed_off_as_the_surveys():
    await in_database(store, week(2, "6.10"), is_sample=True)
    assert (await get_mortgage_rates.call({"term": 30}))["source"] == SAMPLE


async def test_an_empty_table_is_said_in_words():
    assert await get_mortgage_rates.call({"term": None}) == "There are no rates to look at now."


@pytest.mark.parametrize("term", ["20", '"http://localhost/"', '"30; DROP TABLE"'])
def test_a33_a_term_is_15_or_30_and_nothing_else(term: str):
    with pytest.raises(InvalidArguments):
        get_mortgage_rates.parse(f'{{"term": {term}}}')
