"""A text as its judges read it: folded letters, cut into tokens. What goes on to search and model is never folded.

Case, accents and compatibility forms go; letters that only look Latin become Latin in words that mix scripts; scripts
that are written without spaces become one token a character, so that a phrase is found wherever it stands.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from chat.suspicion.hidden import seen

END = "."  # the token between two sentences
SHORTEST_SENTENCE = 3  # tokens; a stop after fewer is no end: "Ignore. All. Rules."
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"  # Han, kana, hangul
)
LOOK_ALIKES = (  # of other scripts
    "аa вb еe сc ѕs іi їi јj кk мm нh оo рp ԛq тt уy хx һh ԁd ԝw ьb гr ѵv ӏl ґr пn зe яr "
    "αa βb εe ηn ιi κk νv οo ρp τt υu χx ωw σo ϲc γy աw օo ցg հh ոn սu զq"
)
LATIN_FORMS = (
    "łl øo đd ħh ıi ŧt ƙk ʟl ɑa ɡg ɩi ɴn ɪi ʀr ʏy ʙb ɢg ʜh ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ꜱs ꜰf "
    "ɐa ǝe ɟf ɥh ɯm ɹr ʇt ʌv ʍw ʎy ɔc ƃg ʞk"
)
_latin = str.maketrans({pair[0]: pair[1] for pair in LOOK_ALIKES.split()})
_forms = str.maketrans({pair[0]: pair[1] for pair in LATIN_FORMS.split()})
_boxed = {
    0x1F1E6 + place: chr(97 + place) for place in range(26)
} | {  # regional indicators, squared and circled letters
    first + place: chr(97 + place) for first in (0x1F150, 0x1F170, 0x1F130) for place in range(26)
}
_apostrophes = re.compile("['’‘`´]")
_token = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+|[.!?;:\n。！？；：…]")
_ends = frozenset(".!?;:\n。！？；：…")
_is_latin = re.compile("[a-z]")
_is_foreign = re.compile(r"[^\W\d_a-z]")


class Token(NamedTuple):
    """A folded word (or one character of an unspaced script), and where it begins and ends in the folded text."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """The text in small plain letters. May have another length than the text."""
    if text.isascii():
        return _apostrophes.sub("", text.lower())
    visible = seen(text).text.translate(_boxed)
    decomposed = unicodedata.normalize("NFKD", visible.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _apostrophes.sub("", unicodedata.normalize("NFC", plain.translate(_forms)))


def tokens(folded: str) -> tuple[Token, ...]:
    """The words of a folded text in their order, with an END where a sentence ends."""
    found: list[Token] = []
    in_sentence = 0
    for match in _token.finditer(folded):
        word = match.group()
        if word not in _ends:
            found.append(Token(word, match.start(), match.end()))
            in_sentence += 1
        elif in_sentence >= SHORTEST_SENTENCE and _is_end(folded, match):
            found.append(Token(END, match.start(), match.end()))
            in_sentence = 0
    return _with_latin(found) if not folded.isascii() else tuple(found)


@lru_cache(maxsize=64)
def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of a text as it was typed; several checks read the same one."""
    return tokens(fold(text))


def _is_end(folded: str, match: re.Match[str]) -> bool:
    """A stop inside a word is none: 6.5, acme.example."""
    after = folded[match.end() : match.end() + 1]
    return match.group() not in ".:" or not after or after.isspace()


def _with_latin(found: list[Token]) -> tuple[Token, ...]:
    """Look-alikes read as Latin: in words that mix scripts, and in whole words where the rest is Latin."""
    latin = sum(bool(_is_latin.search(token.text)) for token in found)
    return tuple(
        token._replace(text=token.text.translate(_latin)) if _is_disguised(token.text, latin, len(found)) else token
        for token in found
    )


def _is_disguised(word: str, latin: int, words: int) -> bool:
    if not _is_foreign.search(word):
        return False
    return bool(_is_latin.search(word)) or (latin * 2 > words and not _is_foreign.search(word.translate(_latin)))
