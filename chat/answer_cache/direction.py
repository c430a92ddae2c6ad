"""Who does what to whom, from where to where: the same words in another order, or with other prepositions.

Words may change places freely ("for a refinance, which documents …") as long as each keeps its preposition.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from chat.answer_cache.languages.lexicon import words
from chat.answer_cache.signature import Signature, Word

OPPOSITE = (
    ({"from", "desde", "从"}, {"to", "into", "onto", "a", "al", "hacia", "到"}),
    ({"de"}, {"a", "al", "hacia"}),
    ({"before", "antes", "之前", "以前"}, {"after", "since", "despues", "之后", "以后"}),
    ({"before", "until", "hasta"}, {"since", "after", "desde"}),
    ({"from", "by"}, {"for", "about"}),
    ({"by"}, {"to"}),
    ({"as"}, {"with"}),
    ({"desde"}, {"hasta"}),
    ({"被", "由"}, {"把", "给"}),
)
BINDING = words("from before after than until antes despues hasta desde 从 比 被")
BY = frozenset(("by", "por", "被", "由"))
WITH_PLACES = frozenset(("", "en", "es", "zh"))  # languages whose prepositions are known
Pair = tuple[Word, Word]


def turned_round(a: Signature, b: Signature) -> tuple[str, str] | None:
    """Two words, or a word and its place, that stand the other way round; None if all stand alike."""
    pairs = list(_partners(a, b))
    for one, other in pairs:
        if _are_opposite(one.place, other.place) or _is_doer_in_one((one, other), pairs, a, b):
            return f"{one.place} {one.said}".strip(), f"{other.place} {other.said}".strip()
    at = {id(other): place for place, other in enumerate(b.words)}
    for (x, in_b_x), (y, in_b_y) in combinations(pairs, 2):
        have_swapped_places = x.place == in_b_y.place and y.place == in_b_x.place and x.place != y.place
        is_inverted = at[id(in_b_x)] > at[id(in_b_y)]
        if have_swapped_places or (is_inverted and _changes_meaning((x, in_b_x), (y, in_b_y), a, b)):
            return x.said, y.said
    return None


def other_doers(a: Signature, b: Signature) -> str:
    """Who does it, where it is the customer in one and the company in the other; empty if it is the same."""
    if a.toward and b.toward and a.toward != b.toward:
        return f"{a.toward[0]} against {b.toward[0]}"
    if {a.persons, b.persons} == {("i",), ("me",)}:
        return "“I” against “me”"
    by_deed = dict(doer.split(": ") for doer in a.doers)
    others = dict(doer.split(": ") for doer in b.doers)
    turned = [deed for deed in by_deed.keys() & others.keys() if _are_others(by_deed[deed], others[deed])]
    return f"who has to “{min(turned)}”" if turned else ""


def _are_others(one: str, other: str) -> bool:
    """ "Can you close it" asks for the same as "can I close it"."""
    return one.removesuffix("?") != other.removesuffix("?") and not (one.endswith("?") and other.endswith("?"))


def _partners(a: Signature, b: Signature) -> Iterator[Pair]:
    """Each telling word of `a` with the one word of `b` that says the same; words said twice are left out."""
    for word in a.words:
        keys = set(word.keys)
        if word.telling and sum(1 for other in a.words if keys & set(other.keys)) == 1:
            same = [other for other in b.words if keys & set(other.keys)]
            if len(same) == 1 and same[0].telling:
                yield word, same[0]


def _are_opposite(one: str, other: str) -> bool:
    return any((one in first and other in second) or (one in second and other in first) for first, second in OPPOSITE)


def _is_doer_in_one(pair: Pair, pairs: list[Pair], a: Signature, b: Signature) -> bool:
    """ "paid by the seller" and "paid the seller", where the rest stands before it in both."""
    if (pair[0].place in BY) == (pair[1].place in BY) or "" not in (pair[0].place, pair[1].place):
        return False
    before = [
        _is_before(one, pair[0], a) and _is_before(other, pair[1], b) for one, other in pairs if one is not pair[0]
    ]
    return len(before) > 1 and all(before)


def _is_before(one: Word, other: Word, whole: Signature) -> bool:
    return next(word is one for word in whole.words if word is one or word is other)


def _changes_meaning(first: Pair, second: Pair, a: Signature, b: Signature) -> bool:
    """Whether two words that changed places do so for a reason: one lost its preposition, or stands behind the verb."""
    changed = {
        place for one, other in (first, second) if one.place != other.place for place in (one.place, other.place)
    }
    if changed & BY:
        return False  # "is the fee paid by the seller" is "does the seller pay the fee"
    if changed & BINDING:
        return True
    if any(word.place for word in (*first, *second)):
        return False
    return bool(_between(first[0], second[0], a) & _between(second[1], first[1], b))


def _between(first: Word, second: Word, whole: Signature) -> set[str]:
    """The keys of what stands between two words of one clause, as a verb does: without a preposition."""
    at = [place for place, word in enumerate(whole.words) if word is first or word is second]
    if first.clause != second.clause:
        return set()
    return {key for word in whole.words[at[0] + 1 : at[-1]] if word.telling and not word.place for key in word.keys}


def are_in_another_order(a: Signature, b: Signature) -> bool:
    """Whether words that are said twice stand otherwise: "A rates B, or B rates A first".

    So do all words of a language whose prepositions are not known.
    """
    is_open = (_has_twice(a) and _has_twice(b)) or (a.language == b.language and a.language not in WITH_PLACES)
    return is_open and _clauses(a) != _clauses(b)


def _has_twice(one: Signature) -> bool:
    said = [word.keys[0] for word in one.words if word.telling]
    return len(said) > len(set(said))


def _clauses(one: Signature) -> list[list[str]]:
    clauses: dict[int, list[str]] = {}
    for word in one.words:
        if word.telling:
            clauses.setdefault(word.clause, []).append(word.keys[-1])
    return sorted(clauses.values())
