"""Bytes to text: which encoding a file is in, and what could not be read."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from knowledge.errors import Rejected

UNREADABLE_SHARE = 0.01  # of the characters; with more, the text is not what its author wrote
SAMPLE = 64 * 1024
BYTE_ORDER_MARKS = {  # the longer ones first: UTF-32's mark begins with UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_not_text = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_multibyte = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


@dataclass(frozen=True)
class Decoded:
    text: str
    notes: tuple[str, ...] = ()


def decode(content: bytes, *, declared: str = "") -> Decoded:
    """The text of these bytes: by its byte order mark, else UTF-8, else what it declares or looks like.

    Raises `Rejected("encoding", …)` when more than one character in a hundred cannot be read.
    """
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return _read(content, encoding)
    if _reads_as(content, "utf-8") and not _is_wide(content[:SAMPLE]):
        return Decoded(content.decode("utf-8"))
    return _read(content, _guess(content, declared))


def looks_like_text(content: bytes) -> bool:
    """Whether a person could have written these bytes: text in some encoding with at most a few control characters.

    Stray NULs in UTF-8 are text (they are stripped later); bytes of a program or a picture are not.
    """
    sample = content[:SAMPLE]
    if sample.startswith(tuple(BYTE_ORDER_MARKS)) or _is_wide(sample):
        return True
    allowed = 0.3 if _is_utf8(sample) else UNREADABLE_SHARE
    return len(_not_text.findall(sample)) <= allowed * len(sample)


def _guess(content: bytes, declared: str) -> str:
    if declared and _reads_as(content, declared):
        return declared
    if _is_wide(content[:SAMPLE]):
        return "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    if _is_mostly_utf8(content):
        return "utf-8"
    return _likeliest(content[:SAMPLE])


def _likeliest(sample: bytes) -> str:
    """What charset-normalizer says; where it finds Western and Central European equally good, the Western one."""
    from charset_normalizer import from_bytes

    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        return "utf-8"
    equals = {name for match in matches if match.chaos == best.chaos for name in match.could_be_from_charset}
    return "cp1252" if "cp1252" in equals else best.encoding


def _read(content: bytes, encoding: str) -> Decoded:
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    lost = text.count("\ufffd")
    if lost > UNREADABLE_SHARE * len(text):
        raise Rejected("encoding", "The characters of this file cannot be read. Save it as UTF-8 and upload it again.")
    notes = [] if encoding.startswith("utf-8") else [f"Read as {encoding.replace('_', '-')}."]
    if lost:
        notes.append(f"{lost} {'character' if lost == 1 else 'characters'} could not be read.")
    return Decoded(text, tuple(notes))


def _reads_as(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return False
    return True


def _is_utf8(sample: bytes) -> bool:
    return _reads_as(sample[:-4] if len(sample) == SAMPLE else sample, "utf-8")


def _is_wide(sample: bytes) -> bool:
    """UTF-16 without a mark: of Western text every other byte is NUL, and none of the rest."""
    evens, odds = sample[::2].count(0), sample[1::2].count(0)
    return len(sample) % 2 == 0 and max(evens, odds) > 0.4 * len(sample) / 2 and min(evens, odds) < 0.01 * len(sample)


def _is_mostly_utf8(content: bytes) -> bool:
    """UTF-8 with a few broken bytes: its longer sequences outnumber what does not fit."""
    lost = content.decode("utf-8", errors="replace").count("\ufffd")
    return lost <= UNREADABLE_SHARE * len(content) and len(_multibyte.findall(content)) > 2 * lost
