"""Where a sentence ends. Each question gets one of three answers: here it does, it does not, or more text is needed.

A wrong join only makes a check read two sentences at once; a wrong cut takes half of what it should read from it. So
what is in doubt (initials, "U.S. Treasury") is joined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = r"(?:\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,5}\](?!\()|【[^】\n]{1,20}】)"  # [1], [2, 3], 【1†source】
STOP = re.compile(r"[.!?…。！？｡]|\n")  # where a sentence may end
BLANK_LINES = re.compile(r"\n(?:[ \t\r]{0,80}\n){0,20}")
INDENT = re.compile(r"[ \t\r]{0,80}")
AFTER_STOP = re.compile(
    r"(?P<stop>[.!?…。！？｡]{1,20})(?P<closers>[\"'”’»)*_`」』）]{0,8})"
    rf"(?P<marks>(?:[ \t]{{0,3}}{MARK}){{0,8}})(?P<space>[ \t\u00a0]{{0,40}})"
)
BEGUN_MARK = re.compile(r"\[[\d,; –-]{0,30}(?:\]\Z|\Z)|【[^】\n]{0,20}\Z")
WORD_BEFORE = re.compile(r"[^\s(\[\"'“‘«¿¡*_–—/]*\Z")
NEXT_WORD = re.compile(r"[^\W\d_]+")
LIST_NUMBER = re.compile(r"(?:\A|\n|[:;.。：；]\s)[\s>*+-]*\d{1,3}\Z")
INITIAL = re.compile(r"[^\W\d_]\Z")
LETTERS_WITH_DOTS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\Z")  # U.S, p.m, EE.UU
UNSPACED_STOPS = "。！？｡"
ABBREVIATIONS = {
    kind: frozenset(words.split())
    for kind, words in {
        "never an end": """
            mr mrs ms dr prof rev hon gov sen rep gen capt lt col st ft mt messrs jr sr e.g i.e eg ie viz cf vs approx
            appx est resp incl excl min max tel ext dept para paras sra srta srs dra ud uds vd vds p.ej ej aprox av avda
            tfno depto dpto prov""",
        "before a number": """
            no nos nr num p pp sec secs ch vol art arts fig figs eq ex pág págs núm cap jan feb mar apr jun jul aug sep
            sept oct nov dec ene abr ago set dic""",
        "perhaps an end": """
            etc inc ltd llc co corp bros n.a u.s u.k a.m p.m am pm ee.uu ee uu s.a ph.d""",
    }.items()
}
_BEGINNERS = """
    the a an if you your we our it its this that these those they there then when once after before please to for in on
    at by with no yes not only each every all both otherwise however but and so as from until while what how why
    el la los las un una si usted su sus para en este esta esto estos estas cuando después antes sí también pero y con
    por puede debe es al como hay se nosotros nuestro nuestra
"""
BEGINNERS = frozenset(_BEGINNERS.split())  # words that a sentence may begin with, and a name hardly


@dataclass(frozen=True)
class End:
    """A decision on a stop. `at` is where the next sentence begins, or from where to look on if `is_one` is false."""

    at: int
    is_one: bool


def decide(text: str, start: int, stop: int, *, is_over: bool) -> End | None:
    """Whether the sentence that begins at `start` ends at the stop; None until more of the text is there.

    `is_over`: nothing follows the text.
    """
    if text[stop] == "\n":
        return _end_of_line(text, stop, is_over=is_over)
    match = AFTER_STOP.match(text, stop)
    assert match  # noqa: S101 (for the types: it begins at a stop)
    following = match.end()
    if not is_over and (following == len(text) or BEGUN_MARK.match(text, following)):
        return None
    goes_on = following < len(text) and _goes_on(
        text[start:stop], match, text[following : following + 40], is_over=is_over
    )
    if goes_on is None:
        return None
    return End(match.end("stop"), is_one=False) if goes_on else End(following, is_one=True)


def _end_of_line(text: str, at: int, *, is_over: bool) -> End | None:
    match = BLANK_LINES.match(text, at)
    indent = match and INDENT.match(text, match.end())
    assert match  # noqa: S101
    assert indent  # noqa: S101
    if indent.end() == len(text) and not is_over and match.group().count("\n") <= 20:
        return None
    return End(match.end(), is_one=True)


def _is_within(before: str) -> bool:
    """Whether what follows is still in a row of a table or in code."""
    return before.lstrip(" >").startswith("|") or before.count("`") % 2 == 1


def _goes_on(before: str, stop: re.Match[str], after: str, *, is_over: bool) -> bool | None:
    """Whether a sentence goes on behind a stop; None until the next word is whole."""
    if after[0] == "\n" or _is_within(before):  # the line's end decides
        return True
    if stop["marks"] or stop["stop"][-1] in UNSPACED_STOPS:
        return False
    if not stop["space"]:
        return True
    if stop["stop"] != ".":  # "Really?" she asked; well... maybe
        return after[0].islower() and (bool(stop["closers"]) or "." in stop["stop"] or "…" in stop["stop"])
    return False if stop["closers"] else _goes_on_behind_a_point(before, after, is_over=is_over)


def _goes_on_behind_a_point(before: str, after: str, *, is_over: bool) -> bool | None:
    found = WORD_BEFORE.search(before, max(0, len(before) - 40))
    word = found.group().casefold() if found else ""
    if LIST_NUMBER.search(before) or word in ABBREVIATIONS["never an end"] or (INITIAL.fullmatch(word) and word != "y"):
        return True
    if word in ABBREVIATIONS["before a number"]:
        return after[0].isdigit()
    if word in ABBREVIATIONS["perhaps an end"] or LETTERS_WITH_DOTS.fullmatch(word):
        return _goes_on_after_abbreviation(after, is_over=is_over)
    return False


def _goes_on_after_abbreviation(after: str, *, is_over: bool) -> bool | None:
    """ "In the U.S. You can" is an end; "the U.S. Treasury", "8 p.m. Eastern Time" and "etc. are" are not."""
    if not after[0].isupper():
        return after[0] not in "¿¡-*#|"
    word = NEXT_WORD.match(after)
    if word and word.end() == len(after) < 40 and not is_over:
        return None
    return not word or word.group().casefold() not in BEGINNERS
