"""The figures of a question: numbers with their units, ordinals, times, addresses, and codes such as W-2 or 401(k).

They are read strictly and in one way only: "$250,000" is no 250. Each is taken out of the text, and a single character
of Unicode's private use stands in its place, so that the words around it can be read on their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from chat.grounding.figure_patterns import (
    EMAIL,
    MONTH_NAME,
    OTHER_NAMES,
    SCALE_BEHIND,
    SCALES,
    TIME,
    UNIT_BEHIND,
    UNITS,
    URL,
)
from chat.grounding.numerals import numerals

FIRST_MARK, MOST_FIGURES = 0xE000, 1_000
WHOLE = {"week": ("day", 7), "year": ("month", 12), "hour": ("minute", 60)}  # said in the other, it is the same
CURRENCIES = {"$": "dollars", "us$": "dollars", "€": "euros", "£": "pounds", "¥": "yuan"}
MONEY = re.compile(r"(us\$|[$€£¥])\s?(\d[\d.,]*\d|\d)(\s?(?:k|m|bn|thousand|million|mil|millones)\b)?")
GLUED = re.compile(
    r"(?<![a-z0-9_-])(?<!\d[.,])(\d+(?:[.,]\d+)?)-?(mb|gb|tb|kb|kg|mg|ml|km|cm|mm|lbs?|oz|ft|mph|mbps|gbps|kwh|usd|eur|hrs?|mins?|"
    r"secs?|yrs?|mos?|wks?|px|[a-z]{3,12})(?![a-z0-9])"
)
LONG_UNITS = {"yr": "years", "yrs": "years", "mo": "months", "mos": "months", "wk": "weeks", "wks": "weeks",
              "min": "minutes", "mins": "minutes", "hr": "hours", "hrs": "hours", "sec": "seconds", "secs": "seconds",
              "dias": "días", "dia": "día", "anos": "años", "ano": "año", "dolares": "dólares"}  # fmt: skip
SHORT_UNIT = re.compile(rf"(?<=\d)(\s|-)?({'|'.join(LONG_UNITS)})(?![\w'])")
CODE = re.compile(
    r"(?<![a-z0-9_])(?<!\d[.,])(?:[a-z]+\d[a-z0-9]*(?:-[a-z0-9]+)*|[a-z]{1,4}-\d+[a-z0-9]*|\d+-?\([a-z]\)|\d+[a-z](?![a-z])|"
    r"\d+[a-z]+\d[a-z0-9]*|\d+(?:/\d+)+|\d+-[a-z]{1,3}|[a-z]\d)(?![a-z0-9_])"
)
ORDINAL = re.compile(
    r"(?<![a-z0-9_])(?<!\d[.,])(\d{1,4})(?:st|nd|rd|th|[ºª°]|er[oa]?|d[oa]|t[oa])(?![a-z0-9])|第([零一二三四五六七八九十百\d]{1,4})"
)
ORDINALS = {
    word: number
    for number, said in enumerate(
        ("first primer primero primera", "second segundo segunda", "third tercer tercero tercera",
         "fourth cuarto cuarta", "fifth quinto quinta", "sixth sexto sexta", "seventh séptimo séptima",
         "eighth octavo octava", "ninth noveno novena", "tenth décimo décima"), start=1,
    )
    for word in said.split()
}  # fmt: skip
ORDINAL_WORD = re.compile(rf"\b({'|'.join(ORDINALS)})\b")
WEEKDAY = re.compile(r"(?:星期|礼拜|周)([一二三四五六日天])")
PERCENT_OF = re.compile(r"百分之([零一二三四五六七八九十百两\d.]+)")
NUMBER = re.compile(r"(?<![a-z0-9_])(?<!\d[.,])\d+(?:[.,'’]\d+)*")
NO_NUMBER = re.compile(
    r"一下子?|一定|一般|一样|一起|一直|一些|一旦|一切|一次性|统一|唯一|万一|千万别?|十分(?!钟)|二维码|第三方|三方|一个(?!月|小时|星期)|"
    r"\b(?:no|any|some|every|each|the|this|that|which) ones?\b"
)
SPANISH_ONLY = ("once", "mil", "un", "una", "uno", "cien")
MONTH_BEFORE = re.compile(rf"\b(?:{MONTH_NAME})\.? (?:the )?$")
MONTH_AFTER = re.compile(rf" (?:of |de )?(?:{MONTH_NAME})\b")
TWO_STEPS = re.compile(r"\b(?:two|2|multi)[- ](?:factor|step)\b")


@dataclass(frozen=True)
class Figure:
    """What is said, and the ways to read it: two figures that share one are the same."""

    said: str
    keys: tuple[str, ...]


class Taken:
    """A text while its figures are taken out, one kind after another."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.figures: list[Figure] = []

    def take(self, pattern: re.Pattern[str], read: object) -> None:
        self.text = pattern.sub(lambda match: self.mark(match.group(), read(match)), self.text)  # type: ignore[operator]

    def mark(self, said: str, keys: tuple[str, ...]) -> str:
        if not keys or len(self.figures) >= MOST_FIGURES:
            return said
        self.figures.append(Figure(said.strip(), keys))
        return f" {chr(FIRST_MARK + len(self.figures) - 1)} "


def take_figures(text: str, language: str) -> tuple[str, list[Figure]]:
    """The text, in small letters, with a mark in the place of each figure; and the figures by their marks' order."""
    text = SHORT_UNIT.sub(lambda match: f" {LONG_UNITS[match[2]]}", text)
    text = MONEY.sub(lambda match: f" {match[2]}{match[3] or ''} {CURRENCIES[match[1]]} ", text)
    text = TWO_STEPS.sub("twofactor", PERCENT_OF.sub(r"\1%", text.replace("年期", "年")))
    taken = Taken(text)
    for pattern in (EMAIL, URL):
        taken.take(pattern, lambda match: (f"@{match.group().rstrip('.,;:!?/')}",))
    taken.take(TIME, _time)
    taken.take(WEEKDAY, lambda match: (f"weekday:{'一二三四五六日天'.index(match[1]) % 7 if match[1] != '天' else 6}",))
    taken.take(ORDINAL, _ordinal)
    taken.take(ORDINAL_WORD, lambda match: _nth(ORDINALS[match[1]]))
    taken.text = GLUED.sub(r"\1 \2", taken.text)
    taken.take(CODE, _code)
    taken.text = _numbers_taken(taken, language)
    return taken.text, taken.figures


def _numbers_taken(taken: Taken, language: str) -> str:
    """The text without its numbers, in digits and in words, and without the units that stand right behind them."""
    text, parts, end = taken.text, [], 0
    for start, number_end, number in sorted(_numbers(text, language)):
        value, stop = _scaled(text, number_end, number)
        if start < end:
            continue
        unit, unit_start, unit_end = _unit(text, stop)
        if value == 1 and not unit and not text[start].isdigit():
            continue  # "one of them", "un préstamo", "一张"
        between = text[stop:unit_start] if unit_end else ""
        keys = _keys(value, unit) if unit or not _is_of_month(text, start, stop) else _nth(int(value))
        parts += [text[end:start], taken.mark(text[start:stop] + between + text[unit_start:unit_end], keys)]
        parts.append(f" {between.strip(' -')} ")
        end = max(unit_end, stop)
    return "".join([*parts, text[end:]])


def _numbers(text: str, language: str) -> Iterator[tuple[int, int, Decimal]]:
    none = [match.span() for match in NO_NUMBER.finditer(text)]
    for match in NUMBER.finditer(text):
        yield *match.span(), _value(match.group(), language)
    for numeral in numerals(text):
        said = text[numeral.start : numeral.end]
        is_none = any(start <= numeral.start < end for start, end in none)
        if not (is_none or (language != "es" and said.startswith(SPANISH_ONLY))):
            yield numeral.start, numeral.end, numeral.value


def _value(written: str, language: str) -> Decimal:
    """ "1,200" is 1200, "1.200" is so in Spanish, and "3.5" and "3,5" are three and a half."""
    groups = re.split(r"[.,'’]", written)
    marks = re.sub(r"\d", "", written)
    is_grouped = len(groups) > 1 and all(len(group) == 3 for group in groups[1:])
    if is_grouped and (len(set(marks)) == 1) and (marks[0] != "." or language == "es" or len(marks) > 1):
        return Decimal("".join(groups))
    return Decimal("".join(groups[:-1]) + "." + groups[-1]) if len(groups) > 1 else Decimal(written)


def _scaled(text: str, end: int, value: Decimal) -> tuple[Decimal, int]:
    scale = SCALE_BEHIND.match(text, end)
    return (value * SCALES[scale[1] or scale[2]], scale.end()) if scale else (value, end)


def _unit(text: str, end: int) -> tuple[str, int, int]:
    """The unit behind a number, and where it stands if right behind it: "5 to 10 days" has it behind the 10."""
    found = UNIT_BEHIND.match(text, end)
    if not found:
        return "", end, 0
    name = next(name for name in ("unit", "named", "han") if found[name])
    written = found[name].removeprefix("个")
    unit = UNITS.get(written) or OTHER_NAMES.get(written) or UNITS.get(written.removesuffix("s"), "")
    is_behind = not re.search(r"\d", text[end : found.start(name)])
    return (unit, *found.span(name)) if is_behind else (unit, end, 0)


def _is_of_month(text: str, start: int, end: int) -> bool:
    """ "March 15" is the 15th of it."""
    is_day = text[start:end].strip().isdecimal() and 1 <= int(text[start:end]) <= 31
    return is_day and bool(MONTH_BEFORE.search(text[max(0, start - 12) : start]) or MONTH_AFTER.match(text, end))


def _keys(value: Decimal, unit: str) -> tuple[str, ...]:
    if unit in WHOLE:
        unit, times = WHOLE[unit]
        value *= times
    return (f"{_plain(value)} {unit}".strip(),)


def _plain(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def _nth(number: int) -> tuple[str, ...]:
    return (f"{number}.",)


def _ordinal(match: re.Match[str]) -> tuple[str, ...]:
    if match[1]:
        return _nth(int(match[1]))
    value = int(match[2]) if match[2].isdecimal() else next(int(one.value) for one in numerals(match[2]))
    return _nth(value)


def _time(match: re.Match[str]) -> tuple[str, ...]:
    """In minutes since midnight where the half of the day is said, or the hour says it."""
    if match["named"]:
        return ("at 720" if match["named"] in ("noon", "mediodía", "中午") else "at 0",)
    hour = int(match["hour"] or match["h"] or match["han_h"])
    minute = int(match["minute"] or match["m"] or match["han_m"] or (30 if match["han_half"] else 0))
    half = (match["half"] or "")[:1]
    return (f"at {(hour % 12 if half else hour) * 60 + minute + 720 * (half == 'p')}",)


def _code(match: re.Match[str]) -> tuple[str, ...]:
    """A code, which "200k" may be as well as a number."""
    written = match.group()
    plain = "/".join(re.sub(r"[^a-z0-9]", "", part) for part in written.split("/"))
    scale = re.fullmatch(r"(\d+)([km])", written)
    return (f"#{plain}", _plain(Decimal(scale[1]) * SCALES[scale[2]])) if scale else (f"#{plain}",)
