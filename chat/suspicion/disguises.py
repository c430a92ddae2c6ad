"""What a text says when it is read as its writer hopes that only a model will: decoded, turned round, put together.

Each view is a text of its own. Whether one says anything is for the caller to judge: a product number that happens to
be base64 decodes to noise. Nothing is decoded twice, and all views together are at most as long as `ROOM`.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from chat.suspicion.folding import fold
from chat.suspicion.hidden import seen

ROOM = 6_000  # characters
READABLE = 0.85  # the share of letters and spaces in a text that was decoded
SHORTEST = 6  # characters of a text that was decoded
LETTERS = str.maketrans("013457@$!|+8", "oieastasiltb")
MORSE_CODES = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
)
MORSE = dict(zip(MORSE_CODES.split(), "abcdefghijklmnopqrstuvwxyz", strict=True))

_base64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_hex = re.compile(r"(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[\s,]?){8,}")
_bits = re.compile(r"(?:[01]{8}[\s,]*){2,}")
_decimals = re.compile(r"(?:\b(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])\b[\s,]*){6,}")
_morse = re.compile(r"(?:[.-]{1,4}(?: / | |/|$)){6,}")
_escapes = re.compile(r"%[0-9A-Fa-f]{2}|&#|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}")
_escaped = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_disguised_word = re.compile(r"[a-z][0134578@$!|+]+[a-z]")
_spaced_out = re.compile(r"(?:\w[ ._*\-/|,~+]{1,2}){5,}\w\b")
_quoted = re.compile(r"[\"'“”‘’«»`]([^\"'“”‘’«»`\n]{2,80})[\"'“”‘’«»`]")
_marks_in_words = re.compile(r"(?<=\w)[*_~^\-.|/\\]{1,3}(?=\w)")


class View(NamedTuple):
    """A reading of the text, and by what means it was found."""

    means: str
    text: str


def views_of(text: str) -> list[View]:
    """The other readings of a text that there are, each once."""
    room = ROOM
    views: list[View] = []
    known = {text}
    for view in _all(text):
        if view.text not in known and len(view.text) <= room:
            known.add(view.text)
            views.append(view)
            room -= len(view.text)
    return views


def _all(text: str) -> Iterator[View]:
    yield from (View("hidden characters", spelled) for spelled in [seen(text).spelled] if len(spelled) >= SHORTEST)
    yield from _decoded(text)
    folded = fold(text)
    yield from _put_together(text, folded)
    if sum(character.isascii() and character.isalpha() for character in folded) * 2 > len(folded):
        yield View("rot13", codecs.encode(folded, "rot13"))
        yield View("reversed", folded[::-1])
        yield View("reversed words", " ".join(word[::-1] for word in folded.split()))


def _decoded(text: str) -> Iterator[View]:
    for means, pattern, decode in (
        ("base64", _base64, _from_base64),
        ("hexadecimal", _hex, _from_hex),
        ("binary", _bits, _from_bits),
        ("character codes", _decimals, _from_decimals),
        ("morse", _morse, _from_morse),
    ):
        for match in pattern.finditer(text):
            decoded = decode(match.group())
            if is_readable(decoded):
                yield View(means, decoded)
    if _escapes.search(text):
        plain = html.unescape(unquote(text, errors="ignore"))
        yield View("escapes", _escaped.sub(lambda match: chr(int(match[1] or match[2], 16)), plain))


def _put_together(text: str, folded: str) -> Iterator[View]:
    """Letters that stand apart, digits in the place of letters, and pieces in quotes."""
    if _disguised_word.search(folded):
        yield View("digits for letters", folded.translate(LETTERS))
    if _spaced_out.search(folded):
        yield View("letters apart", _spaced_out.sub(_closed_up, folded))
    if _marks_in_words.search(folded):
        yield View("marks in words", _marks_in_words.sub("", folded))
    pieces = [match[1] for match in _quoted.finditer(text)]
    if len(pieces) > 1:
        yield View("pieces", "".join(pieces))
        yield View("pieces", " ".join(pieces))


def _closed_up(match: re.Match[str]) -> str:
    """`i g n o r e  a l l` → `ignore all`: two separators stand for a space, if there are any such."""
    words = re.split(r"[ ._*\-/|,~+]{2}", match.group())
    return " ".join(re.sub(r"[ ._*\-/|,~+]", "", word) for word in words)


def is_readable(text: str) -> bool:
    """Whether a text that was decoded says something."""
    letters = sum(character.isalpha() or character.isspace() for character in text)
    return len(text) >= SHORTEST and text.isprintable() and letters >= READABLE * len(text)


def _from_base64(run: str) -> str:
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _from_hex(run: str) -> str:
    digits = re.sub(r"0x|\\x|[\s,]", "", run)
    try:
        return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode()
    except (ValueError, UnicodeDecodeError):
        return ""


def _from_bits(run: str) -> str:
    return "".join(chr(int(byte, 2)) for byte in re.findall("[01]{8}", run))


def _from_decimals(run: str) -> str:
    return "".join(chr(int(number)) for number in re.findall(r"\d+", run))


def _from_morse(run: str) -> str:
    words = re.split(r" ?/ ?", run.strip())
    return " ".join("".join(MORSE.get(letter, "?") for letter in word.split()) for word in words)
