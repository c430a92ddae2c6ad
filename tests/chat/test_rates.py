"""The weekly survey: its file as it is published, and what a broken one leaves untouched."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat import rates
from chat.models import MortgageRate
from chat.rates import Unreadable, WeeklyRate, parse, store
from chat.tasks import fetch_rates
from tests.chat.serving import Served, serving

HEADER = "date,pmms30,pmms30p,pmms15,pmms15p,pmms51,pmms51p,pmms51m,pmms51spread\n"
# The shapes that the file has had over the years: early weeks without a 15-year rate, adjustable rates in between,
# new rows that end early, blanks as nothing or as a space.
FILE = HEADER + (
    "4/2/1971,7.33, , , , , , , \n"
    "8/30/1991,9.15,1.9,8.77,1.8,,,,\n"
    "1/6/2005,5.77,0.7,5.21,0.6,5.03,0.5,2.74,0.74\n"
    "12/29/2022,6.42,,5.68,,,,,\n"
    "2023-01-05,6.48,,5.73\n"
)


def table() -> dict[tuple[str, int], str]:
    return {(rate.week.isoformat(), rate.term): str(rate.percent) for rate in MortgageRate.objects.all()}


def test_the_file_as_it_is_published():
    assert parse(FILE.encode()) == [
        WeeklyRate(date(1971, 4, 2), 30, Decimal("7.33")),
        WeeklyRate(date(1991, 8, 30), 30, Decimal("9.15")),
        WeeklyRate(date(1991, 8, 30), 15, Decimal("8.77")),
        WeeklyRate(date(2005, 1, 6), 30, Decimal("5.77")),
        WeeklyRate(date(2005, 1, 6), 15, Decimal("5.21")),
        WeeklyRate(date(2022, 12, 29), 30, Decimal("6.42")),
        WeeklyRate(date(2022, 12, 29), 15, Decimal("5.68")),
        WeeklyRate(date(2023, 1, 5), 30, Decimal("6.48")),
        WeeklyRate(date(2023, 1, 5), 15, Decimal("5.73")),
    ]


@pytest.mark.parametrize(
    "file",
    [
        "\ufeff" + FILE,
        FILE.replace("\n", "\r\n"),
        FILE.replace("pmms30,", " PMMS30 ,"),
        FILE + "\n\n,,,,,,,,\n",
        FILE.replace("6.48", '"6.48"'),
    ],
    ids=["byte order mark", "line ends", "names", "empty rows", "quotes"],
)
def test_what_spreadsheets_make_of_it_reads_the_same(file: str):
    assert parse(file.encode()) == parse(FILE.encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 100,
        b"<!doctype html><title>Moved</title>",
        HEADER.encode(),
        FILE.replace("pmms15", "fifteen").encode(),
        (HEADER + "soon,6.1,,5.2\n" * 9 + "1/5/2023,6.48,,5.73\n").encode(),
        (HEADER + "1/5/2023,648,,573\n").encode(),
        (HEADER + "1/5/2023,NaN,,Infinity\n").encode(),
        (HEADER + "1/5/2023,-6,,0\n").encode(),
        (HEADER + "1/5/2023,,,\n").encode(),
        (HEADER + '1/5/2023,"6.48' + "x" * 200_000).encode(),
    ],
)
def test_another_file_is_refused(content: bytes):
    with pytest.raises(Unreadable):
        parse(content)


def test_a_date_to_come_is_a_slip_and_no_latest_week():
    far = timezone.localdate() + timedelta(days=400)
    rows = "1/5/2023,6.48,,5.73\n" * 20 + f"{far.isoformat()},9.99,,9.99\n"
    assert {rate.week for rate in parse((HEADER + rows).encode())} == {date(2023, 1, 5)}


def test_the_sample_is_of_the_same_shape():
    sample = parse((django_settings.BASE_DIR / "sample" / "rates.csv").read_bytes())
    weeks = sorted({rate.week for rate in sample})
    assert len(weeks) >= 100
    assert {rate.term for rate in sample} == {15, 30}
    assert {(later - week).days for week, later in pairwise(weeks)} == {7}


@pytest.mark.django_db
def test_storing_twice_changes_nothing_the_second_time():
    assert store(parse(FILE.encode())) == 9
    before = list(MortgageRate.objects.values_list("pk", "fetched_at"))
    assert store(parse(FILE.encode())) == 0
    assert list(MortgageRate.objects.values_list("pk", "fetched_at")) == before


@pytest.mark.django_db
def test_a_corrected_week_is_corrected_and_one_that_is_gone_goes():
    store(parse(FILE.encode()))
    newer = FILE.replace("6.48", "6.49").replace("4/2/1971,7.33, , , , , , , \n", "")
    assert store(parse(newer.encode())) == 1
    assert table()["2023-01-05", 30] == "6.49"
    assert ("1971-04-02", 30) not in table()


@pytest.mark.django_db
def test_the_surveys_rates_take_the_place_of_the_samples():
    store(parse((HEADER + "1/5/2023,5.00,,4.00\n11/2/2023,5.10,,4.10\n").encode()), is_sample=True)
    store(parse(FILE.encode()))
    assert not MortgageRate.objects.filter(is_sample=True).exists()
    assert table()["2023-01-05", 30] == "6.48"


@pytest.mark.django_db
def test_the_daily_job_fetches_and_stores(settings):
    with serving(Served(FILE.encode())) as address:
        settings.CHAT_RATES_URL = address
        fetch_rates()
    assert table()["2023-01-05", 15] == "5.73"


@pytest.mark.django_db
def test_without_an_address_the_job_does_nothing(settings):
    settings.CHAT_RATES_URL = ""
    assert rates.refresh() == 0
    with pytest.raises(CommandError, match="CHAT_RATES_URL"):
        call_command("fetch_rates")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "served",
    [
        Served(b"gone", status=404),
        Served(b"", status=302, headers={"Location": "http://127.0.0.1:1/"}),
        Served(b"<html>", headers={"Content-Type": "text/html"}),
        Served(b"x" * 5_000_001),
        Served(b"date,other\n1,2\n"),
        Served(FILE.encode(), headers={"Content-Length": "9999"}),
    ],
    ids=["not there", "elsewhere", "a page", "too large", "another file", "cut"],
)
def test_when_the_file_cannot_be_had_the_old_rates_stay_and_the_reason_is_told(settings, served: Served):
    store(parse(FILE.encode()))
    before = table()
    with serving(served) as address:
        settings.CHAT_RATES_URL = address
        with pytest.raises(CommandError, match="The rates stay as they are: "):
            call_command("fetch_rates")
    assert table() == before


def test_the_job_runs_once_a_day():
    entry = django_settings.CELERY_BEAT_SCHEDULE["chat.tasks.fetch_rates"]
    assert (entry["task"], entry["schedule"]) == (fetch_rates.name, 24 * 3600)
