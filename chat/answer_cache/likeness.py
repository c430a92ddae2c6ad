"""How a question compares with those that are known to have one answer: what forbids it, and what is left to learn.

A difference in one place of two questions that are worded alike is what the question is about: "turn autopay on"
and "turn autopay off". Where the whole is said in other words ("how do I fix a dripping tap", "what is the way to
repair a leaky faucet"), words that do not match say little, and how much is learned where it is used. Numbers, names,
negation, direction and the like must agree however it is worded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations

from chat.answer_cache.alike import ALWAYS, Difference, compare
from chat.answer_cache.signature import Signature

LEARNABLE = frozenset(("word", "question kind"))  # kinds of difference that another wording may bring about
OPEN_KINDS = frozenset(("how", "what", "todo"))  # "how do I …", "what is the way to …", "I want to …"
ALIKE = 0.6  # of the words, from which on two questions are worded alike
COMPARED = 6  # questions of one answer, the nearest ones
FEATURES = 4


@dataclass(frozen=True)
class Likeness:
    """`objection` is why it must not get their answer, for people; empty if only what is learned can tell.

    `features` are of order one: nothing differs from one of them; what differs also differs among themselves; the
    share of words without a match, in both; and that another kind of question is asked.
    """

    objection: str
    features: tuple[float, float, float, float]


def likeness(asked: Signature, known: Sequence[Signature]) -> Likeness:
    """Compare a question with those of one answer, the nearest first; of these the one that speaks most for it."""
    near = list(known[:COMPARED])
    free = {found.kind for one, other in combinations(near, 2) for found in compare(one, other)} - ALWAYS
    found = [_with(asked, one, free) for one in near]
    return min(found, key=lambda one: one[0], default=((), Likeness("nothing is known", (0.0, 0.0, 0.0, 0.0))))[1]


def _with(asked: Signature, one: Signature, free: set[str]) -> tuple[tuple[int, ...], Likeness]:
    """How little speaks for it, for sorting, and the likeness."""
    differences = compare(asked, one)
    left = [difference for difference in differences if difference.kind not in free]
    objection = next((difference.reason for difference in left if not _may_be_wording(difference, asked, one)), "")
    features = (
        float(not differences),
        float(bool(differences) and not left),
        2 * _unmatched(asked, one) if left else 0.0,
        float(any(difference.kind == "question kind" for difference in left)),
    )
    return (bool(objection), len(left), len(differences)), Likeness(objection, features)


def _may_be_wording(difference: Difference, asked: Signature, one: Signature) -> bool:
    if difference.kind not in LEARNABLE or _are_worded_alike(asked.bare, one.bare):
        return False
    return difference.kind != "question kind" or {*asked.kinds, *one.kinds} <= OPEN_KINDS


@lru_cache(4096)
def _are_worded_alike(asked: str, one: str) -> bool:
    """Whether they differ in one place only, or share most of their words in the same order.

    The share is that of Ratcliff and Obershelp (Pattern matching: the gestalt approach, 1988), over words.
    """
    first, second = sorted((asked.split(), one.split()))
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    places = sum(tag != "equal" for tag, *_ in matcher.get_opcodes())
    return places <= 1 or matcher.ratio() >= ALIKE


def _unmatched(a: Signature, b: Signature) -> float:
    telling = [(word, other) for one, other in ((a, b), (b, a)) for word in one.words if word.telling]
    return sum(not other.telling.intersection(word.keys) for word, other in telling) / max(1, len(telling))
