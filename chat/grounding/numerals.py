"""Numbers that are written in words, in English, Spanish and Chinese: "twenty-five", "treinta y cinco", "两千五百"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from knowledge.languages import likeliest_language

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "cero": 0, "uno": 1, "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
    "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15,
    "dieciséis": 16, "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veintiuno": 21, "veintiún": 21,
    "veintidós": 22, "veintitrés": 23, "veinticuatro": 24, "veinticinco": 25, "veintiséis": 26, "veintisiete": 27,
    "veintiocho": 28, "veintinueve": 29,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80,
    "noventa": 90,
}  # fmt: skip
_HUNDREDS = {
    "cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500,
    "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
}  # fmt: skip
_SCALES = {"thousand": 1_000, "million": 10**6, "mil": 1_000, "millón": 10**6, "millones": 10**6}
_WORDS = _UNITS | _TENS | _HUNDREDS | _SCALES | {"hundred": 100}
_HAN_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000, "亿": 10**8}

_word = "|".join(sorted(_WORDS, key=len, reverse=True))
_phrase = re.compile(rf"\b(?:{_word})(?:(?:[\s-]+(?:and\s+|y\s+)?)(?:{_word}))*\b")
_single = re.compile(_word)
_han = re.compile(f"[{''.join(_HAN_DIGITS | _HAN_SCALES)}]+")


@dataclass(frozen=True)
class Numeral:
    value: Decimal
    start: int
    end: int


def numerals(text: str) -> Iterator[Numeral]:
    """The numbers that a text in small letters has in words."""
    for match in _phrase.finditer(text):
        words = _single.findall(match.group())
        if "once" in words and likeliest_language(text, ("en", "es")) == "en":
            words.remove("once")  # one time, not eleven
        for value in _values(words) if words else ():
            yield Numeral(Decimal(value), *match.span())
    for match in _han.finditer(text):
        yield Numeral(Decimal(_han_value(match.group())), *match.span())


def _values(words: list[str]) -> Iterator[int]:
    """ "two hundred five" is one number, "one two" are two."""
    total = current = 0
    room = 10**9  # what follows must be smaller to belong to the same number
    begun = False
    for word in words:
        value = _WORDS[word]
        if word in _SCALES:
            total, current, room = total + (current or 1) * value, 0, value
        elif word == "hundred":
            current, room = (current or 1) * 100, 100
        elif begun and value >= room:
            yield total + current
            total, current = 0, value
        else:
            current += value
        if word not in _SCALES and word != "hundred":
            room = 100 if word in _HUNDREDS else 10 if word in _TENS else 1
        begun = True
    yield total + current


def _han_value(characters: str) -> int:
    """ "二十五", "一百零三", "两万五千"; a row of digits such as "二〇二五" is read digit by digit."""
    if all(character in _HAN_DIGITS for character in characters):
        return int("".join(str(_HAN_DIGITS[character]) for character in characters))
    total = section = digit = 0
    for character in characters:
        if character in _HAN_DIGITS:
            digit = _HAN_DIGITS[character]
            continue
        scale = _HAN_SCALES[character]
        if scale >= 10_000:
            total, section = (total + section + digit or 1) * scale, 0
        else:
            section += (digit or 1) * scale
        digit = 0
    return total + section + digit
