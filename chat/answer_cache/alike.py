"""Whether two questions that look alike ask for the same thing, told by rules that a person can read.

Closeness of meaning cannot tell "turn on" from "turn off". So two questions count as the same only if nothing is found
that speaks against it: a word that neither the tables nor its stem find in the other question is enough. A wrong hit is
worse than a miss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from chat.answer_cache.direction import are_in_another_order, other_doers, turned_round
from chat.answer_cache.languages.tongues import lexicon_of
from chat.answer_cache.reading import analyse
from chat.answer_cache.signature import Signature, Word
from chat.answer_cache.spelling import is_slip

__all__ = ["Difference", "Signature", "analyse", "compare", "differ", "differ_from_all", "differences_that_matter"]

ALWAYS = frozenset(("personal data", "length", "language", "polarity", "quotation", "direction"))
HOW = frozenset(("how", "todo"))
MAY_BE_UNSAID = frozenset(("how", "what", "amount", "todo"))  # "wire fee", "close my account"
KINDS = ("personal data", "length", "little", "language", "question kind", "polarity", "figure", "word", "name",
         "quotation", "direction", "owner", "modality", "tense", "choice")  # fmt: skip
MOST_SLIPS = 3  # words of a question that may be misspelt
LONGEST_SAID = 24  # characters of a question's words in a reason


@dataclass(frozen=True)
class Difference:
    """`kind` is one of KINDS, for counting and learning; `reason` is for people."""

    kind: str
    reason: str


def differences_that_matter(asked: str, saved: str) -> tuple[str, ...]:
    """Why the saved question's answer may be none to the asked one, in a few words each; empty if nothing says so.

    Both stand alone, with personal data masked. Takes about a millisecond; `analyse` is most of it and can be kept.
    """
    return differ(analyse(asked), analyse(saved))


def differ(a: Signature, b: Signature) -> tuple[str, ...]:
    return tuple(difference.reason for difference in compare(a, b))


def differ_from_all(asked: Signature, known: Sequence[Signature]) -> tuple[str, ...]:
    """As `differ`, for several questions that are known to have one answer, the nearest first.

    In what they differ among themselves, the asked one may differ too: where "a hotel in Rome" and "a hotel in Oslo"
    have one answer, "a hotel in Lima" has it as well. What turns a question round (ALWAYS) matters nevertheless. With
    one known question this is `differ`.
    """
    free = {found.kind for one, other in combinations(known, 2) for found in compare(one, other)} - ALWAYS
    left = [tuple(found.reason for found in compare(asked, one) if found.kind not in free) for one in known]
    return min(left, key=len, default=("nothing is known",))


def compare(a: Signature, b: Signature) -> tuple[Difference, ...]:
    """What tells two questions apart, whichever of them comes first; empty if nothing does."""
    if a.masked or b.masked:
        return (Difference("personal data", "personal data in it"),)
    if a.bare == b.bare:
        return ()
    if not (a.whole and b.whole):
        return (Difference("length", "too long to compare"),)
    if not any(word.telling for word in a.words) or not any(word.telling for word in b.words):
        return (Difference("little", "too few words to tell"),)
    first, second = sorted((a, b), key=lambda one: one.bare)
    return tuple(dict.fromkeys(_differences(first, second)))


def _differences(a: Signature, b: Signature) -> Iterator[Difference]:
    if a.language and b.language and a.language != b.language:
        yield Difference("language", f"{a.language} against {b.language}")
    yield from _of_kinds(a, b)
    yield from _of_denials(a, b)
    yield from _of_words(a, b)
    yield from _of_quotes(a, b)
    if turned := turned_round(a, b):
        yield Difference("direction", f"{_said(turned[0])} and {_said(turned[1])} the other way round")
    elif are_in_another_order(a, b):
        yield Difference("direction", "the same words in another order")
    yield from _of_grammar(a, b)


def _of_kinds(a: Signature, b: Signature) -> Iterator[Difference]:
    one, other = frozenset(a.kinds), frozenset(b.kinds)
    may_be_same = one & other if one and other else (one | other) <= MAY_BE_UNSAID or (one | other) & MAY_BE_UNSAID
    if not may_be_same:
        yield Difference("question kind", f"{_kind(a)} against {_kind(b)}")


def _of_denials(a: Signature, b: Signature) -> Iterator[Difference]:
    if a.denials != b.denials:
        yield Difference(
            "polarity", "“not” stands in only one of them" if not a.denials * b.denials else "one “not” more"
        )
    elif a.denials:
        flags = [
            (word.denied, other.denied) for word in a.words for other in b.words if set(word.keys) & set(other.keys)
        ]
        if (True, False) in flags and (False, True) in flags:
            yield Difference("polarity", "“not” belongs to other words")


def _of_words(a: Signature, b: Signature) -> Iterator[Difference]:
    """Words and figures that stand in only one of them."""
    left_a = [word for word in a.words if not b.telling.intersection(word.keys)]
    left_b = [word for word in b.words if not a.telling.intersection(word.keys)]
    lexicon = lexicon_of(a.language or b.language)
    may_be_slips = max(len(left_a), len(left_b)) <= MOST_SLIPS
    slips = [(one, other) for one in left_a for other in left_b if may_be_slips and is_slip(one, other, lexicon)]
    left_a = [word for word in left_a if not any(word is one for one, _ in slips)]
    left_b = [word for word in left_b if not any(word is other for _, other in slips)]
    if a.language == b.language == "zh" and _characters(left_a) == _characters(left_b):
        left_a, left_b = ([word for word in left if word.is_figure] for left in (left_a, left_b))
    if not any(word.telling for word in (*left_a, *left_b)) and not (left_a and left_b):
        return
    for is_figure in (True, False):
        ones = [word for word in left_a if word.is_figure == is_figure]
        others = [word for word in left_b if word.is_figure == is_figure]
        if ones or others:
            yield _of_left(ones, others)


def _of_left(ones: list[Word], others: list[Word]) -> Difference:
    word = next(word for word in (*ones, *others))
    kind = "figure" if word.is_figure else "name" if any(word.is_name for word in (*ones, *others)) else "word"
    if ones and others:
        return Difference(kind, f"{_said(ones[0].said)} against {_said(others[0].said)}")
    return Difference(kind, f"{_said(word.said)} stands in only one of them")


def _of_quotes(a: Signature, b: Signature) -> Iterator[Difference]:
    if a.quoted and b.quoted:
        is_same = a.quoted == b.quoted
    else:
        is_same = all(f" {quote} " in f" {whole.bare} " for one, whole in ((a, b), (b, a)) for quote in one.quoted)
    if not is_same:
        yield Difference("quotation", "other words in quotation marks")


def _of_grammar(a: Signature, b: Signature) -> Iterator[Difference]:
    """Whose, what can or must be, then or now, and or or."""
    for word in a.words:
        owners = {other.owner for other in b.words if set(word.keys) & set(other.keys)} - {""}
        if word.owner and owners and word.owner not in owners:
            yield Difference("owner", f"{word.owner} or {min(owners)} {_said(word.said)}")
    if _is_other_mood(a, b):
        yield Difference("modality", f"{_listed(a.modals)} against {_listed(b.modals)}")
    is_when = "when" in a.kinds and "when" in b.kinds
    times = {a.tenses & {"past", "future"}, b.tenses & {"past", "future"}}
    if len(times) == 2 and ((is_when and any("past" in one for one in times)) or frozenset() not in times):
        yield Difference("tense", "past against future" if frozenset() not in times else "past against now")
    if {tuple(sorted(a.joins)), tuple(sorted(b.joins))} == {("and",), ("or",)}:
        yield Difference("choice", "“and” against “or”")
    if who := other_doers(a, b):
        yield Difference("direction", who)


def _is_other_mood(a: Signature, b: Signature) -> bool:
    if HOW.intersection(a.kinds) or HOW.intersection(b.kinds):
        return False
    if "yes/no" in a.kinds and "yes/no" in b.kinds:
        return a.modals != b.modals
    return any(
        "must" in one - other and "can" in other - one for one, other in ((a.modals, b.modals), (b.modals, a.modals))
    )


def _characters(words: list[Word]) -> Counter[str]:
    return Counter("".join(word.said for word in words if not word.is_figure))


def _kind(one: Signature) -> str:
    return f"“{one.kinds[0]}”" if one.kinds else "a statement"


def _listed(names: frozenset[str]) -> str:
    return " and ".join(f"“{name}”" for name in sorted(names)) or "neither"


def _said(words: str) -> str:
    return f"“{words[:LONGEST_SAID]}”"
