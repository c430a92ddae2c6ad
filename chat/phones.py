"""Finds phone numbers, of any country and without asking which.

Written the way only phone numbers are (ITU-T E.123, the North American Numbering Plan), they are found wherever they
stand: `+44 7700 900123`, `(905) 674-3793`, `0490 75 40 81`. Other groups of digits are phone numbers when the words in
front of them say so: "Phone: 467 3395", "call me at 9472 7916".
"""

from __future__ import annotations

import re

from chat.scanning import Places, is_named, scan

DIGITS = range(7, 16)  # E.164: at most 15; without an area code at least 7
LONGEST_AT_HOME = 12  # digits of a national number with its trunk prefix 0
AREA = 10  # digits of a North American number with its area code

BETWEEN = r"(?: ?[-/] ?|\.| {1,2}|[- .]?\(|\)[- .]?)"
BEFORE = r"(?=[+(0-9])(?<![0-9A-Za-z_$€£¥+])(?<!\d[-.,/:])(?<![A-Za-z]-)(?<![$€£¥] )"
AFTER = r"(?:[ ,;]{0,2}(?:x|ext\.?|extension|#)[ .:]?\d{1,6})?(?![0-9A-Za-z_%€£]|[-.,/:]\d| ?%| [€£])"
STRONG = re.compile(
    BEFORE + r"(?:"
    r"(?P<international>\+ ?(?:\d{8,15}|(?:\(\d{1,5}(?=\))|\d{1,7})(?:" + BETWEEN + r"\d{1,8}){1,7}))"
    r"|(?P<dialled>00 ?[1-9]\d{0,2}(?:" + BETWEEN + r"\d{1,8}){1,6}|00[1-9]\d{7,12})"
    r"|(?P<american>(?:1(?:[-. ]|(?=\()))?(?:\d{1,3}(?P<same>[-. ])(?=\d{3}(?P=same)\d{3}(?P=same)\d{4}))?"
    r"(?:\(\d{3}\)[-. ]?|\d{3}(?: ?[-/] ?|[. ]))\d{3}(?: - |[-. ])\d{4})"
    r"|(?P<american_bare>1?[2-9]\d\d[2-9]\d{6}|1[3-9]\d{9})"  # the last: a Chinese mobile number
    r"|(?P<trunk>(?:\(0[1-9]\d{0,4}(?=\))|0[1-9]\d{0,4})(?:" + BETWEEN + r"\d{2,7}){1,5}|0[1-9]\d{8,9})"
    r"|(?P<bracketed>\(\d{2,4}\) ?-?\d{2,4}(?:" + BETWEEN + r"\d{2,6}){1,3})"
    r")" + AFTER
)
WEAK = re.compile(BEFORE + r"(?:\(\d{1,6}(?=\))|\d{1,15})(?:" + BETWEEN + r"\d{1,6}){0,6}" + AFTER)

CALLING = re.compile(
    r"(?:\b(?:(?:tele|cell)?phones?|tel|mobile|cell(?:ular)?|fax|call(?:ed|ing|s)?|dial|ring|rang|text(?:ed|ing)?|sms"
    r"|messag(?:es?|ing)|whatsapp|voicemail|reach(?:ed|able)?|contact(?:ed|ing)?|answer(?:ed|ing|s)?|hotline|landline"
    r"|(?:desk|office|home|work)(?=:)|(?:my|new|old|his|her|their|your|our|this|following) (?=number)"
    r"|tel[ée]fono|m[óo]vil|celular|ll[aá]m\w{1,5})\b|电话|手机|致电|拨打|联系|传真)"
    r"(?:\W{0,3}(?:me|us|him|her|them|you|back|on|at|to|is|was|my|our|your|his|their|the|this|numbers?|no|registered"
    r"|new|now|under|via|from|and|or|also|al|el|es|mi|n[uú]mero|是|为|我|号码|号)(?![a-z])){0,7}\W{0,4}$",
    re.IGNORECASE,
)
CALLED_BEHIND = re.compile(r"[ ]?[-,(]?[ ]?(?:office|fax|mobile|cell|phone|tel|desk)\b", re.IGNORECASE)
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
LAST_GROUP = re.compile(BETWEEN + r"\d+$")
EXTENSION = re.compile(r"(?:x|ext\.?|extension|#)[ .:]?\d+$")


def find_unmistakable(text: str) -> Places:
    """Those that are written the way only phone numbers are."""
    return scan(STRONG, text, _end_of_unmistakable)


def find_named(text: str) -> Places:
    """Those that the words around them call phone numbers."""

    def end_of(match: re.Match[str]) -> int:
        number, start, end = match.group(), match.start(), match.end()
        if _count(number) not in DIGITS or _is_something_else(number):
            return 0
        is_called = CALLED_BEHIND.match(text, end) and not THOUSANDS.fullmatch(number)
        return end if is_called or is_named(CALLING, text, start) else 0

    return scan(WEAK, text, end_of)


def is_reference(text: str, start: int) -> bool:
    """Whether the words in front call what begins at `start` the number of a loan, an order, an account."""
    return is_named(REFERENCE, text, start)


def canonical(number: str) -> str:
    """Its digits, without what is dialled to leave a country, and without North America's own 1."""
    digits = re.sub(r"\D", "", number)
    if digits.startswith("00"):
        digits = digits[2:]
    return digits[1:] if len(digits) == AREA + 1 and digits.startswith("1") else digits


def _end_of_unmistakable(match: re.Match[str]) -> int:
    kind, number, start = match.lastgroup, match.group(), match.start()
    if kind == "international":
        number = _cut(number, AREA + 1 if re.match(r"\+ ?1", number) else DIGITS[-1])
        return start + len(number) if _count(number) in DIGITS else 0
    if is_reference(match.string, start) or _is_something_else(number):
        return 0
    if kind in {"american", "american_bare"}:
        return match.end()
    number = _cut(number, DIGITS[-1] if kind == "dialled" else LONGEST_AT_HOME)
    return start + len(number) if _count(number) > DIGITS[0] - (kind == "bracketed") else 0


def _is_something_else(number: str) -> bool:
    """A date, years from one to another, an American postal code, a decimal number."""
    others = (POSTAL_CODE, YEARS, DECIMAL)
    return bool(DATE.match(number) or YEAR_IN_BRACKETS.match(number)) or any(
        other.fullmatch(number) for other in others
    )


def _cut(number: str, most: int) -> str:
    """The groups of a number up to `most` digits: the next number may stand right behind it."""
    while _count(number) > most and (last := LAST_GROUP.search(number)):
        number = number[: last.start()]
    return number


def _count(number: str) -> int:
    """Its digits, without an extension's."""
    return sum(character.isdigit() for character in EXTENSION.sub("", number))
