"""Finds the identifiers of people in a text: e-mail, phone, card, IBAN, SSN and IP address, each by its own grammar.

Where the grammar alone cannot tell (nine bare digits; a number with a wrong check digit), the word in front of it must
name it. Every pattern is linear in the length of a text: what repeats is possessive or bounded (A66).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from chat.privacy import phones
from chat.privacy.check_digits import IBAN_LENGTHS, is_card, is_ssn, mod_97
from chat.privacy.clear_text import clear
from chat.privacy.scanning import Places, is_named, scan

TYPES = ("EMAIL", "PHONE", "CARD", "IBAN", "SSN", "IP")
TAKEN = "\0"  # stands in the place of what was found already: neither digit, letter nor separator


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is personal data of a type: EMAIL, PHONE, CARD, IBAN, SSN or IP."""

    type: str
    start: int
    end: int


# The letters of scripts that put spaces between words: in the others a word in front of an address would be taken for
# a part of it. RFC 6531 allows all of them.
LETTER = r"[^\W\d_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
ATOM = rf"(?:{LETTER}|[0-9_%+&~.\u0300-\u036f-])"  # RFC 5322, less the characters that stand around addresses in prose
LOCAL = rf"(?<![0-9_%+&~.-])(?<!{LETTER}){ATOM}(?:{ATOM}|'(?={ATOM}))*+"
LABEL = rf"(?:{LETTER}|[0-9\u0300-\u036f-])++"
EMAIL = re.compile(rf"{LOCAL}@(?:{LABEL}(?:\.{LABEL})+|\[[0-9A-Fa-f:.]{{7,45}}\])")
SPELLED_EMAIL = re.compile(
    rf"{LOCAL} ?[\[({{<] ?(?:at|arroba|@) ?[\])}}>] ?{LABEL}(?:(?:\.| ?[\[({{<]? ?(?:dot|punto) ?[\])}}>]? ?){LABEL})+"
    rf"|{LOCAL}(?: (?:dot|punto) {ATOM}++){{0,3}} (?:at|arroba) {LABEL}(?: (?:dot|punto) {LABEL}){{1,4}}",
    re.IGNORECASE,
)
SPELLED_OUT = re.compile(r" (?:dot|punto) |[\[({<] ?(?:at|arroba|@) ?[\])}>]", re.IGNORECASE)
A_TOP_LEVEL_DOMAIN = re.compile(rf"(?:{LETTER}{{2}}|xn--)[^.\s]*$|\]$", re.IGNORECASE)

IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}\d\d(?:[ -]?[0-9A-Za-z]){11,30}")
CARD = re.compile(r"(?<![0-9A-Za-z])(?<!\d[.,])\d(?:[ -]{0,2}\d){11,18}(?![0-9A-Za-z])")
PRINTED_CARD = re.compile(r"[3-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}|3[47]\d\d([ -])\d{6}\2\d{5}")  # a digit may be mistyped
SSN = re.compile(r"(?<![0-9A-Za-z])(?<!\d[-.,/])(?:\d{3}([-. ]| - )\d\d\1\d{4}|\d{9})(?![0-9A-Za-z]|[-.,/]\d)")
OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
IPV4 = re.compile(rf"(?<![0-9A-Za-z.])(?<!\d[-/,]){OCTET}(?:\.{OCTET}){{3}}(?![0-9A-Za-z]|[.,]\d)")
IPV6 = re.compile(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?:\.\d{1,3}){3})?(?![0-9A-Za-z:])")

RUN = re.compile(r"(?<![0-9A-Za-z])\d+(?:[ ./()-]{1,3}\d+)*+")
DIGITS = re.compile(r"\d+")
GROUPS = 8  # of digits, in which a number may be written
NAMES_IT = r"(?:\W{0,3}(?:is|no|nr|number|num|my|the|was|ends?|it|es|número|是|为|号码|号)){0,4}\W{0,4}$"
A_CARD_IS_NAMED = re.compile(rf"(?:card|cc|visa|master ?card|amex|tarjeta|卡){NAMES_IT}", re.IGNORECASE)
AN_IBAN_IS_NAMED = re.compile(rf"iban{NAMES_IT}", re.IGNORECASE)
AN_SSN_IS_NAMED = re.compile(
    rf"(?:ssn|itin|social(?: security)?|social insurance|seguro social|社会安全){NAMES_IT}", re.IGNORECASE
)
A_PLACE_OR_VERSION = re.compile(
    r"(?:\bv|version|ver|release|firmware|build|section|sec|chapter|paragraph|para|clause|article|step|rule|§)"
    r"\.?\s?(?:(?:no\.?|number)\s?)?$",
    re.IGNORECASE,
)


def find(text: str, *, known: Container[tuple[str, str]] = ()) -> list[Span]:
    """The spans of personal data in their order; none overlaps another.

    `known` are types with canonical values that were found before: their digits are found without a word that names
    them.
    """
    cleared = clear(text)
    read, spans = cleared.text, []
    for type_, look_for in KINDS:
        places = list(look_for(read))
        spans += [Span(type_, *cleared.original(*place)) for place in places]
        read = _without(read, places)
    if known:
        spans += [Span(type_, *cleared.original(*place)) for type_, *place in _met_again(read, known)]
    return sorted(spans, key=lambda span: span.start)


def canonical(type_: str, value: str) -> str:
    """One spelling for all the ways in which the same identifier is written."""
    value = clear(value).text
    match type_:
        case "EMAIL":
            return re.sub(r"\s", "", value).casefold()
        case "IBAN":
            return re.sub(r"[^0-9A-Z]", "", value.upper())
        case "IP":
            return str(ip_address(value))
        case "PHONE":
            return phones.canonical(value)
        case _:
            return re.sub(r"\D", "", value)


def _emails(text: str) -> Places:
    patterns = [EMAIL] * ("@" in text) + [SPELLED_EMAIL] * bool(SPELLED_OUT.search(text))
    for pattern in patterns:
        for match in pattern.finditer(text):
            if A_TOP_LEVEL_DOMAIN.search(match.group()):
                yield match.span()


def _ibans(text: str) -> Places:
    def end_of(match: re.Match[str]) -> int:
        """The country says how long it is: what follows in the same writing may be the next word."""
        length = IBAN_LENGTHS.get(match.group()[:2].upper(), 0)
        places = [place for place in range(match.start(), match.end()) if text[place].isalnum()]
        if not length or len(places) < length:
            return 0
        end = places[length - 1] + 1
        if re.match(r"[0-9A-Za-z]", text[end : end + 1]):
            return 0
        is_valid = mod_97(canonical("IBAN", text[match.start() : end]))
        return end if is_valid or is_named(AN_IBAN_IS_NAMED, text, match.start()) else 0

    return scan(IBAN, text, end_of)


def _cards(text: str) -> Places:
    def end_of(match: re.Match[str]) -> int:
        """An expiry date or the next number may follow: the longest run of groups that is a card."""
        start, digits = match.start(), canonical("CARD", match.group())
        groups = [group.span() for group in DIGITS.finditer(text, *match.span())]
        while groups and len(digits) >= 12:
            first, end = groups.pop()
            is_reference = len(digits) == 12 and phones.is_reference(text, start)
            if not is_reference and (is_card(digits) or PRINTED_CARD.fullmatch(text, start, end)):
                return end
            digits = digits[: first - end]
        return match.end() if is_named(A_CARD_IS_NAMED, text, start) else 0

    return scan(CARD, text, end_of)


def _ssns(text: str) -> Places:
    for match in SSN.finditer(text):
        is_written_as_one = match.group(1) is not None and is_ssn(canonical("SSN", match.group()))
        if is_written_as_one or is_named(AN_SSN_IS_NAMED, text, match.start()):
            yield match.span()


def _ipv6(text: str) -> Places:
    return (match.span() for match in IPV6.finditer(text) if _is_ipv6(match.group()))


def _ipv4(text: str) -> Places:
    matches = IPV4.finditer(text)
    return (match.span() for match in matches if not is_named(A_PLACE_OR_VERSION, text, match.start()))


def _is_ipv6(text: str) -> bool:
    """Not `::` and the like, and not a name in code such as `a::b`."""
    parts = [part for part in text.split(":") if part]
    if len(parts) < 2 or not any(character.isdigit() for character in text):
        return False
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _met_again(text: str, known: Container[tuple[str, str]]) -> Iterator[tuple[str, int, int]]:
    """Numbers that are known, in whatever groups they are written this time."""
    for run in RUN.finditer(text):
        groups = [group.span() for group in DIGITS.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            start = groups[first][0]
            for last in reversed(range(first, min(first + GROUPS, len(groups)))):
                end = groups[last][1]
                if type_ := _type_of_known(text[start:end], known):
                    yield type_, start, end
                    first = last
                    break
            first += 1


def _type_of_known(number: str, known: Container[tuple[str, str]]) -> str:
    return next((type_ for type_ in ("PHONE", "CARD", "SSN") if (type_, canonical(type_, number)) in known), "")


def _without(text: str, places: list[tuple[int, int]]) -> str:
    """The text with something in these places that no kind reads."""
    parts, end = [], 0
    for start, stop in sorted(places):
        parts += [text[end:start], TAKEN * (stop - start)]
        end = stop
    return "".join([*parts, text[end:]])


# What is found first is taken: each kind reads the text without the ones before it.
KINDS = (
    ("EMAIL", _emails),
    ("IBAN", _ibans),
    ("PHONE", phones.find_international),
    ("CARD", _cards),
    ("SSN", _ssns),
    ("IP", _ipv6),
    ("IP", _ipv4),
    ("PHONE", phones.find_named),
    ("PHONE", phones.find_national),
)
