"""Figures in a text: numbers with their units, times, months, phone numbers and addresses.

A text that may support a claim is read generously: "1.200" is 1.2 and 1200, "twice" is 2. What an answer claims is read
strictly: only what is certainly a figure. Small counts ("two ways to pay"), numbers of lists, steps and pages, and
names such as W-2 or 401(k) are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from chat.grounding.figure_patterns import (
    ALSO_NUMBERS,
    CLAIMED,
    DIGITS,
    EMAIL,
    HOLDS_A_DATE,
    LIST_NUMBER,
    MONTH,
    MONTH_CLAIMED,
    MONTHS,
    NO_NOUN,
    NOT_A_PHONE,
    NOT_SAID,
    ORDINAL,
    OTHER_NAMES,
    PHONE,
    SCALE_BEHIND,
    SCALES,
    TIME,
    UNIT_BEHIND,
    UNITS,
    URL,
    WORDS_WITH_VALUES,
)
from chat.grounding.numerals import numerals

LARGEST_COUNT = 12  # whole numbers up to it need a unit to be a figure
FEWEST_DIGITS_OF_A_PHONE, MOST_DIGITS_OF_A_PHONE = 7, 15


@dataclass(frozen=True)
class Figures:
    """All that a text may support."""

    numbers: frozenset[tuple[Decimal, str]]  # each with its unit: "other" before another noun, "" before none
    times: frozenset[int]  # minutes since noon or midnight
    months: frozenset[int]
    phones: frozenset[str]  # digits
    addresses: frozenset[str]  # of e-mail, and of pages without scheme and www.


@dataclass(frozen=True)
class Claim:
    """A figure that an answer states. `values` are the ways to read it; any of them may be supported."""

    kind: str  # number, time, month, phone, address
    written: str
    values: frozenset[Decimal | int | str]
    unit: str = ""  # "date" for the 15th


@lru_cache(maxsize=1024)
def figures_in(text: str) -> Figures:
    """Every figure of a text, read generously."""
    text = unicodedata.normalize("NFKC", text).lower()
    numbers = {(numeral.value, _unit_after(text, numeral.end)) for numeral in numerals(text)}
    numbers |= {(Decimal(ALSO_NUMBERS[word]), "") for word in WORDS_WITH_VALUES.findall(text)}
    for match in DIGITS.finditer(text):
        scale = SCALE_BEHIND.match(text, match.end())
        unit = "money" if match["currency"] else _unit_after(text, scale.end() if scale else match.end())
        values = _readings(match["number"])
        numbers |= {(value, unit) for value in values}
        numbers |= {(value * SCALES[scale[1] or scale[2]], unit) for value in values} if scale else set()
    hours = {int(number) * 60 % 720 for number, _ in numbers if number == int(number) and 0 <= number <= 24}
    months = {_month_number(next(filter(None, found))) for found in MONTH.findall(text)}
    return Figures(
        frozenset(numbers),
        frozenset(hours | {_minutes(match) for match in TIME.finditer(text)}),
        frozenset(months),
        frozenset(_digits_of(match.group()) for match in _phones(text)),
        frozenset(_address(match.group()) for pattern in (EMAIL, URL) for match in pattern.finditer(text)),
    )


def claims_in(sentence: str) -> list[Claim]:
    """The figures that a sentence of an answer states, read strictly."""
    text = said_in(sentence)
    claims: list[Claim] = []
    for pattern, read in ((URL, _claimed_address), (EMAIL, _claimed_address), (PHONE, _claimed_phone),
                          (TIME, _claimed_time), (MONTH_CLAIMED, _claimed_month)):  # fmt: skip
        for match in pattern.finditer(text):
            if claim := read(match):
                claims.append(claim)
                if claim.kind != "month":  # its day and year are numbers of their own
                    text = text[: match.start()] + " " * len(match.group()) + text[match.end() :]
    return [*claims, *_claimed_numbers(text), *_claimed_numerals(text)]


def said_in(sentence: str) -> str:
    """What a sentence says by itself, in small letters: without citations, placeholders and the numbers of lists."""
    text = unicodedata.normalize("NFKC", NOT_SAID.sub(" ", sentence)).lower()
    return LIST_NUMBER.sub(lambda match: " " * len(match.group()), text)


def _claimed_numbers(text: str) -> Iterator[Claim]:
    for match in CLAIMED.finditer(text):
        unit = UNIT_BEHIND.match(text, match.end())
        values = _readings(match["number"])
        is_large = max(values) > LARGEST_COUNT or min(values) != int(min(values))
        if not (match["currency"] or match["ordinal"] or unit or is_large):
            continue
        scaled = frozenset(value * SCALES.get(match["scale"] or "", 1) for value in values)
        written = text[match.start() : unit.end() if unit else match.end()].strip()
        name = "money" if match["currency"] else "date" if match["ordinal"] else _name(unit)
        yield Claim("number", written, scaled, name)


def _claimed_numerals(text: str) -> Iterator[Claim]:
    for numeral in numerals(text):
        unit = UNIT_BEHIND.match(text, numeral.end)
        if unit and numeral.value > 1 and text[numeral.start - 1 : numeral.start] != "第":
            yield Claim("number", text[numeral.start : unit.end()], frozenset({numeral.value}), _name(unit))


def _claimed_address(match: re.Match[str]) -> Claim:
    address = _address(match.group())
    return Claim("address", address, frozenset({address}))


def _claimed_phone(match: re.Match[str]) -> Claim | None:
    digits = _digits_of(match.group())
    return Claim("phone", match.group().strip(), frozenset({digits})) if _is_phone(match.group()) else None


def _claimed_time(match: re.Match[str]) -> Claim:
    return Claim("time", match.group().strip(), frozenset({_minutes(match)}))


def _claimed_month(match: re.Match[str]) -> Claim | None:
    name = next(filter(None, match.groupdict().values()))
    number = _month_number(name)
    return Claim("month", name, frozenset({number})) if 1 <= number <= 12 else None


def _readings(number: str) -> frozenset[Decimal]:
    """ "1,200" is 1200 and, as some write it, 1.2; "1.200,50" is 1200.5; "1 200" is 1200, and may be 1 and 200."""
    number = number.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    readings = {Decimal(part.replace(",", ".")) for part in number.split(" ") if re.fullmatch(r"\d+([.,]\d+)?", part)}
    for group, point in ((",", "."), (".", ","), ("'", "."), (" ", "."), (" ", ",")):
        if re.fullmatch(rf"\d{{1,3}}(?:\{group}\d{{3}})+(?:\{point}\d+)?", number):
            readings.add(Decimal(number.replace(group, "").replace(point, ".")))
    return frozenset(readings)


def _unit_after(text: str, end: int) -> str:
    if ORDINAL.match(text, end):
        return "date"
    return _name(UNIT_BEHIND.match(text, end)) or ("" if NO_NOUN.match(text, end) else "other")


def _name(unit: re.Match[str] | None) -> str:
    written = next(filter(None, unit.groupdict().values()), "") if unit else ""
    plain = written.removeprefix("个")
    return UNITS.get(plain) or OTHER_NAMES.get(plain) or UNITS.get(plain.removesuffix("s"), "")


def _minutes(match: re.Match[str]) -> int:
    if match["named"]:
        return 0
    hour = match["hour"] or match["h"] or match["han_h"]
    minute = match["minute"] or match["m"] or match["han_m"] or ("30" if match["han_half"] else "0")
    return (int(hour) * 60 + int(minute)) % 720


def _month_number(name: str) -> int:
    return MONTHS.get(name) or (int(name) if name.isdecimal() else 0)


def _phones(text: str) -> Iterator[re.Match[str]]:
    return (match for match in PHONE.finditer(text) if _is_phone(match.group()))


def _is_phone(written: str) -> bool:
    is_other = NOT_A_PHONE.fullmatch(written.strip()) or HOLDS_A_DATE.search(written)
    return not is_other and FEWEST_DIGITS_OF_A_PHONE <= len(_digits_of(written)) <= MOST_DIGITS_OF_A_PHONE


def _digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)


def _address(written: str) -> str:
    address = written.rstrip(".,;:!?").removeprefix("https://").removeprefix("http://").removeprefix("www.")
    return address.rstrip("/")
