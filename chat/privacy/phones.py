"""Finds phone numbers, of any country and without asking which.

Written the way only phone numbers are (ITU-T E.123, the North American Numbering Plan), they are found wherever they
stand: `+44 7700 900123`, `(905) 674-3793`, `0490 75 40 81`. Other groups of digits are phone numbers when the words in
front of them say so: "Phone: 467 3395", "call me at 9472 7916".
"""

from __future__ import annotations

import re

from chat.privacy.scanning import Places, is_named, scan

DIGITS = range(7, 16)  # E.164: at most 15; without an area code at least 7
LONGEST_AT_HOME = 14  # digits: of E.164's 15 a country's code of two is left out, and the trunk prefix 0 added
AREA = 10  # digits of a North American number with its area code

BETWEEN = r"(?: ?[-/] ?|\.| {1,2}|[- .]?\(|\)[-./ ]{0,2})"
BEFORE = r"(?=[+(0-9])(?<![0-9A-Za-z_$€£¥+])(?<!\d[-.,/:])(?<![A-Za-z]-)(?<![$€£¥] )"
AFTER = r"(?:[ ,;]{0,2}(?:x|ext\.?|extension|#)[ .:]?\d{1,6})?(?![0-9A-Za-z_%€£]|[-.,/:]\d| ?%| [€£])"
# E.123: + and the country's code, then groups of any length; "(0)" is the trunk prefix that is not dialled
INTERNATIONAL = re.compile(
    rf"{BEFORE}(?:\(\+\d{{1,4}}(?=\))|\+ ?\(\d{{1,5}}(?=\))|\+ ?\d{{1,15}})(?:{BETWEEN}\d{{1,12}}){{0,7}}{AFTER}"
)
NATIONAL_FORMS = {
    "dialled": rf"00 ?[1-9]\d{{0,2}}(?:{BETWEEN}\d{{1,12}}){{1,6}}|00[1-9]\d{{7,12}}",
    # area code, exchange and line; the country's code may stand in front of it
    "american": r"(?:1(?:[-. ]|(?=\()))?(?:\d{1,3}(?P<same>[-. ])(?=\d{3}(?P=same)\d{3}(?P=same)\d{4}))?"
    r"(?:\(\d{3}\)[-. ]?|\d{3}(?: ?[-/] ?|[. ]))\d{3}(?: - |[-. ])\d{4}",
    "bare": r"1?[2-9]\d\d[2-9]\d{6}|1[3-9]\d{9}",  # of North America; a Chinese mobile number
    # the trunk prefix 0 in front of an area code, as most of the world dials at home
    "trunk": rf"(?:\(0\d{{1,4}}(?=\))|0[1-9]\d{{0,4}})(?:{BETWEEN}\d{{2,9}}){{1,5}}|0[1-9]\d{{8,9}}",
    # E.123: an area code in brackets; Russia dials 8 in front of it
    "bracketed": rf"(?:8 ?)?\(\d{{2,5}}\)[-./ ]{{0,2}}\d{{2,9}}(?:{BETWEEN}\d{{2,6}}){{0,3}}",
}
NATIONAL = re.compile(f"{BEFORE}(?:{'|'.join(f'(?P<{name}>{form})' for name, form in NATIONAL_FORMS.items())}){AFTER}")
ANY_GROUPS = re.compile(rf"{BEFORE}(?:\(\d{{1,6}}(?=\))|\d{{1,15}})(?:{BETWEEN}\d{{1,12}}){{0,6}}{AFTER}")

CALLING = re.compile(
    r"(?:\b(?:(?:tele|cell)?phones?|tel|mobile|cell(?:ular)?|fax|call(?:ed|ing|s)?|dial|ring|rang|sms|whatsapp|voicemail|hotline|landline"
    r"|(?:text(?:ed|ing)?|messag(?:es?|ing)|reach(?:ed|able)?|contact(?:ed|ing)?|answer(?:ed|ing|s)?)"
    r"(?=:|\W{1,3}(?:me|us|him|her|them|you|on|at|to|via|from|numbers?)\b)"
    r"|(?:desk|office|home|work)(?=:)|(?:my|new|old|his|her|their|your|our|this|following) (?=number)"
    r"|tel[ée]fono|m[óo]vil|celular|ll[aá]m\w{1,5})\b|电话|手机|致电|拨打|联系|传真)"
    r"(?:\W{0,3}(?:me|us|him|her|them|you|back|on|at|to|is|was|my|our|your|his|their|the|this|numbers?|no|registered"
    r"|new|now|under|via|from|and|or|also|al|el|es|mi|n[uú]mero|是|为|我|号码|号)(?![a-z])){0,7}\W{0,4}$",
    re.IGNORECASE,
)
CALLED_BEHIND = re.compile(r" ?[-,(]? ?(?:fax|mobile|cell|phone|tel)\b| ?[-,(] ?(?:office|desk)\b", re.IGNORECASE)
MAYBE_CALLED_BEHIND = re.compile(r" (?:office|desk)\b", re.IGNORECASE)  # or an amount for an office
REFERENCE = re.compile(
    r"(?:\b(?:loan|order|reference|ref|case|ticket|invoice|application|account|acct|policy|claim|file|routing|aba"
    r"|tracking|confirmation|transaction|id|pr[ée]stamo|referencia|pedido)\b|贷款|订单|编号|账号|账户)"
    r"(?:\W{0,3}(?:number|no|num|nr|id|code|is|#|n[uú]mero|编号|号码|号|是|为)){0,3}\W{0,4}$",
    re.IGNORECASE,
)
DATE = re.compile(
    r"(?:19|20)\d\d([-./ ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])([-./ ])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d(?!\d)"
)
POSTAL_CODE = re.compile(r"\d{5}-\d{4}")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[ .]\d{3})+")
YEARS = re.compile(r"(?:19|20)\d\d ?[-/ ] ?(?:19|20)\d\d")
DECIMAL = re.compile(r"\d+\.\d+")
YEAR_IN_BRACKETS = re.compile(r"\((?:19|20)\d\d\)")
DIGIT_ALONE = re.compile(r" \d$")  # no number ends so
LAST_GROUP = re.compile(BETWEEN + r"\d+$")
EXTENSION = re.compile(r"(?:x|ext\.?|extension|#)[ .:]?\d+$")


def find_international(text: str) -> Places:
    """Those that begin with +."""

    def end_of(match: re.Match[str]) -> int:
        number = _cut(match.group(), AREA + 1 if re.match(r"\+ ?1", match.group()) else DIGITS[-1])
        return match.start() + len(number) if _count(number) in DIGITS else 0

    return scan(INTERNATIONAL, text, end_of)


def find_national(text: str) -> Places:
    """Those that are written as no other number is, in one of the `NATIONAL_FORMS`."""

    def end_of(match: re.Match[str]) -> int:
        kind, number, start = match.lastgroup, match.group(), match.start()
        if is_reference(text, start) or _is_something_else(number) or (kind == "trunk" and DECIMAL.fullmatch(number)):
            return 0
        if kind in {"american", "bare"}:
            return match.end()
        number = _cut(number, DIGITS[-1] if kind == "dialled" else LONGEST_AT_HOME)
        return start + len(number) if _count(number) > DIGITS[0] - (kind == "bracketed") else 0

    return scan(NATIONAL, text, end_of)


def find_named(text: str) -> Places:
    """Those that the words around them call phone numbers."""

    def end_of(match: re.Match[str]) -> int:
        number, start, end = match.group(), match.start(), match.end()
        if _count(number) not in DIGITS or _is_something_else(number):
            return 0
        if CALLED_BEHIND.match(text, end) or is_named(CALLING, text, start):
            return end
        return end if MAYBE_CALLED_BEHIND.match(text, end) and not THOUSANDS.fullmatch(number) else 0

    return scan(ANY_GROUPS, text, end_of)


def is_reference(text: str, start: int) -> bool:
    """Whether the words in front call what begins at `start` the number of a loan, an order, an account."""
    return is_named(REFERENCE, text, start)


def canonical(number: str) -> str:
    """Its digits, without what is dialled to leave a country, and without North America's own 1."""
    digits = re.sub(r"\D", "", number)
    if digits.startswith("00"):
        digits = digits[2:]
    return digits[1:] if len(digits) == AREA + 1 and digits.startswith("1") else digits


def _is_something_else(number: str) -> bool:
    """A date, years from one to another, an American postal code."""
    others = (DATE.match(number), YEAR_IN_BRACKETS.match(number), POSTAL_CODE.fullmatch(number))
    return any(others) or bool(YEARS.fullmatch(number))


def _cut(number: str, most: int) -> str:
    """The groups of a number up to `most` digits: the next number may stand right behind it."""
    while (_count(number) > most or DIGIT_ALONE.search(number)) and (last := LAST_GROUP.search(number)):
        number = number[: last.start()]
    return number


def _count(number: str) -> int:
    """Its digits, without an extension's."""
    return sum(character.isdigit() for character in EXTENSION.sub("", number))
