"""Average mortgage rates of a weekly survey: fetched once a day, read from its CSV file, kept in a table.

The file is the history of Freddie Mac's Primary Mortgage Market Survey: a row for each week, with the columns
`date` (4/2/1971), `pmms30` and `pmms15` (percent, blank in weeks without one), and others that are not read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import zip_longest

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat.downloads import download
from chat.models import MortgageRate

log = structlog.get_logger()

TERMS = {"pmms30": 30, "pmms15": 15}  # column → years
DATE_FORMATS = ("%m/%d/%Y", "%Y-%m-%d")
HIGHEST = Decimal(30)  # percent; what is above is no rate
READABLE = 0.9  # share of the rows; with fewer it is another file than we think
AHEAD = timedelta(days=7)  # a date after that is a slip
SURVEY = "Freddie Mac's Primary Mortgage Market Survey, weekly averages"
SAMPLE = "sample data of this demonstration, published by nobody"
MAX_BYTES = 5_000_000
SECONDS = 30


class Unreadable(ValueError):
    """A text that is not the survey's file. The message says why."""


@dataclass(frozen=True)
class WeeklyRate:
    """The average of one week and term, in percent."""

    week: date
    term: int
    percent: Decimal


@dataclass(frozen=True)
class Latest:
    """The rates of the latest week; `warning` says that they are old, or is empty."""

    week: date
    rates: tuple[MortgageRate, ...]
    source: str
    warning: str


def refresh() -> int:
    """Fetch the survey's file and put what it says into the table; without an address nothing is done.

    Returns how many rates have changed. Raises `chat.downloads.NotDownloaded` and `Unreadable`: the table then stays
    as it is.
    """
    if not settings.CHAT_RATES_URL:
        return 0
    content = download(settings.CHAT_RATES_URL, max_bytes=MAX_BYTES, seconds=SECONDS)
    changed = store(parse(content))
    log.info("mortgage rates fetched", changed=changed)
    return changed


def parse(content: bytes) -> list[WeeklyRate]:
    """The rates in the file, in its order. Raises `Unreadable` for another file, or one that is damaged."""
    try:
        weeks = [_week(row) for row in _rows(content)]
    except csv.Error as error:
        raise Unreadable(str(error)) from None
    readable = [rates for rates in weeks if rates is not None]
    if not any(readable) or len(readable) < READABLE * len(weeks):
        raise Unreadable(f"only {len(readable)} of its {len(weeks)} rows can be read")
    return [rate for rates in readable for rate in rates]


@transaction.atomic
def store(rates: Iterable[WeeklyRate], *, is_sample: bool = False) -> int:
    """Make the table what the file says. Returns how many of its rows are new or other than before."""
    wanted = {(rate.week, rate.term): (rate.percent, is_sample) for rate in rates}
    kept = {(rate.week, rate.term): rate for rate in MortgageRate.objects.all()}
    changed = {key: value for key, value in wanted.items() if key not in kept or _said(kept[key]) != value}
    MortgageRate.objects.filter(pk__in=[rate.pk for key, rate in kept.items() if key not in wanted]).delete()
    MortgageRate.objects.bulk_create(
        [
            MortgageRate(week=week, term=term, percent=percent, is_sample=is_sample)
            for (week, term), (percent, is_sample) in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["week", "term"],
        update_fields=["percent", "is_sample", "fetched_at"],
    )
    return len(changed)


def latest(terms: Sequence[int]) -> Latest | None:
    """The latest week's rates of these terms (years); None while the table has none."""
    week = MortgageRate.objects.filter(term__in=terms).values_list("week", flat=True).first()
    if week is None:
        return None
    rates = tuple(MortgageRate.objects.filter(week=week, term__in=terms).order_by("-term"))
    source = SAMPLE if any(rate.is_sample for rate in rates) else SURVEY
    return Latest(week, rates, source, _warning(week))


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    """The file's rows by the names of their columns; a row that ends early has blanks."""
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig", errors="replace"), newline=""))
    names = [name.strip().lower() for name in next(lines, [])]
    if missing := [name for name in ("date", *TERMS) if name not in names]:
        raise Unreadable(f"it has no column {missing[0]}")
    for cells in lines:
        if any(cell.strip() for cell in cells):
            yield dict(zip_longest(names, [cell.strip() for cell in cells[: len(names)]], fillvalue=""))


def _warning(week: date) -> str:
    days = (timezone.localdate() - week).days
    if days <= settings.CHAT_RATES_STALE_DAYS:
        return ""
    return f"These rates are {days} days old and may have changed since."


def _said(rate: MortgageRate) -> tuple[Decimal, bool]:
    return rate.percent, rate.is_sample


def _week(row: dict[str, str]) -> list[WeeklyRate] | None:
    """The rates in a row, none of a week to come; None when it cannot be read."""
    week = _date(row["date"])
    if week is None:
        return None
    if week > timezone.localdate() + AHEAD:
        return []
    try:
        return [WeeklyRate(week, term, _percent(row[column])) for column, term in TERMS.items() if row[column]]
    except (InvalidOperation, ValueError):
        return None


def _date(text: str) -> date | None:
    for format_ in DATE_FORMATS:
        try:
            return datetime.strptime(text, format_).date()
        except ValueError:
            continue
    return None


def _percent(cell: str) -> Decimal:
    percent = Decimal(cell)
    if not 0 < percent <= HIGHEST:
        raise ValueError(f"{cell} is no rate")
    return percent.quantize(Decimal("0.01"))
