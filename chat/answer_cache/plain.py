"""A question as it is read: clean, what is quoted in it, its names, and the bare form by which the same is the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from chat.answer_cache.languages.lexicon import folded, words
from knowledge.words import INDIC, UNWRITTEN

UNREADABLE = re.compile(f"[{UNWRITTEN}]|(?P<gap>[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff])")
MASKED = re.compile(r"\[ ?[A-Za-z]{2,}(?:[ \\_-]+[A-Za-z]+)*(?:\\?[_ -]\d{1,4})? ?\]|\[…\]")
PLACEHOLDER_NAME = re.compile(r"(?<![0-9A-Za-z_])[A-Z]{3,}_\d{1,4}(?![0-9A-Za-z_])")
QUOTED = re.compile(r"[“„\"«「『](?=\S)([^“”„\"«»「」『』]{1,200})[”“\"»」』]")
BARE = re.compile(
    r"\d+(?:[.,:/'’]\d+)*|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[+#%$<>=&@]|[^\x00-\x7f]"
)
TOKEN = re.compile(
    rf"(?P<figure>[\ue000-\uf8ff])|(?P<word>(?:\w|[{INDIC}])+(?:['’‐‑-](?:\w|[{INDIC}])+)*[+#]{{0,2}})|(?P<mark>[^\w\s])"
)
CLAUSE_MARKS = frozenset(",;:.?!()，。？！；：、…—–")
CAPITAL = re.compile(r"(?<=[^\W_]) +([A-ZÀ-Þ][\w'’]*)|(?<=,) ([A-ZÀ-Þ][\w'’]*)(?! [a-z]+ )")
PREFIXES = words("co pre non re un e anti self sub multi ex semi auto post mis over under dis in on off")
NEVER_NAMES = words(
    "i im ive id ill usted ustedes ud uds am is are was were be do does did have has had can could would should must "
    "how what when where who whom whose why which the a an my your our and or if of for in on at with to from by please"
)


def clean(text: str) -> str:
    """In compatibility form, without what nobody sees: lone surrogates, NUL, controls, zero-width characters."""
    seen = UNREADABLE.sub(lambda match: " " if match["gap"] else "", text)
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", seen).replace("’", "'").replace("‘", "'")).strip()


def is_masked(text: str) -> bool:
    """Whether personal data stood there, or what looks like its placeholder."""
    return bool(MASKED.search(text) or PLACEHOLDER_NAME.search(text))


def bare(text: str) -> str:
    """Words, figures and symbols, without case, accents, spaces and punctuation."""
    return " ".join(one for one in BARE.findall(folded(text)) if one.isalnum() or _is_symbol(one))


def quotes_in(text: str) -> tuple[str, ...]:
    return tuple(sorted({bare(match[1]) for match in QUOTED.finditer(text)} - {""}))


def names_in(text: str) -> frozenset[str]:
    """Words written with a capital where no sentence begins, unless all the words are."""
    latin = re.findall(r"[^\W\d_]+", text)
    if sum(word[:1].isupper() for word in latin) * 2 > len(latin):
        return frozenset()
    found = (folded(match[1]) for match in CAPITAL.finditer(text) if match[1])
    return frozenset(re.sub(r"'s?$", "", word) for word in found) - NEVER_NAMES


def tokens_in(text: str) -> Iterator[str]:
    """Words, marks of figures, and a comma for whatever ends a clause."""
    for match in TOKEN.finditer(text):
        if match["mark"]:
            yield from (",",) if match["mark"] in CLAUSE_MARKS else ()
        else:
            yield from (match.group(),) if match["figure"] else _parts(match.group())


def _parts(word: str) -> Iterator[str]:
    """ "co-borrower" is one word, "fixed-rate" two."""
    first, *others = re.split("[‐‑-]", word)
    if others and first in PREFIXES:
        yield first + "".join(others)
    else:
        yield from (part for part in (first, *others) if part)


def _is_symbol(one: str) -> bool:
    return one in "+#%$<>=&@" or unicodedata.category(one[0])[0] in "SL" or one[0].isalnum()
