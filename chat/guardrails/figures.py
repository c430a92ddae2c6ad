"""A sentence with a figure that stands nowhere is not shown: no passage, tool or earlier word has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, combinations

from chat.context import Turn
from chat.grounding import evidence
from chat.grounding.cutting import without
from chat.grounding.figure_matching import stands_in
from chat.grounding.figure_reading import Claim, claims_in, figures_in, said_in
from chat.verdicts import Verdict, guardrail

VAGUE = ("about", "around", "roughly", "approximately", "approx", "nearly", "almost", "some", "unos", "aproximadamente",
         "alrededor", "cerca", "casi", "大约", "约", "左右")  # fmt: skip


@guardrail(reads="sentence")
async def figures(turn: Turn, text: str) -> Verdict:
    claims = claims_in(text)
    if not claims:
        return Verdict.allow()
    unknown = _unknown(turn, claims)
    unknown = [claim for claim in unknown if not _is_worked_out(claim, claims, unknown, turn, text)]
    if not unknown:
        return Verdict.allow()
    written = ", ".join(claim.written for claim in unknown)
    return Verdict.rewrite(without(text), f"stands in no source: {turn.masks.redact(written)}")


def _unknown(turn: Turn, claims: list[Claim]) -> list[Claim]:
    """The claims that stand in no source, read one after another until all are found."""
    for source in chain(evidence.found_texts(turn), evidence.said_texts(turn)):
        if not claims:
            break
        claims = [claim for claim in claims if not stands_in(claim, figures_in(source))]
    return claims


def _is_worked_out(claim: Claim, claims: Sequence[Claim], unknown: Sequence[Claim], turn: Turn, text: str) -> bool:
    """A rounded result of a tool; a sum of what the sentence or the question says."""
    if claim.kind != "number":
        return False
    values = {Decimal(value) for value in claim.values}
    looked_up = {number for lookup in turn.lookups for number, _ in figures_in(lookup.result).numbers}
    is_vague = any(word in text.lower() for word in VAGUE)
    if any(_is_rounded(value, exact, is_vague=is_vague) for value in values for exact in looked_up):
        return True
    beside = {Decimal(v) for one in claims if one.kind == "number" and one not in unknown for v in one.values}
    beside |= _numbers_in(said_in(text)) - {Decimal(v) for one in unknown if one.kind == "number" for v in one.values}
    asked = _numbers_in(turn.question)
    return any(value in _results(a, b) for value in values for a, b in combinations(beside | asked, 2))


def _numbers_in(text: str) -> set[Decimal]:
    return {number for number, _ in figures_in(text).numbers}


def _is_rounded(value: Decimal, exact: Decimal, *, is_vague: bool) -> bool:
    """1,896 for 1896.20; 6.3 for 6.27; 6.27 for .0627; "about 1,900" too."""
    for whole in (exact, exact * 100):
        places = -int(value.as_tuple().exponent)
        if value >= 5 and round(whole, places) == value:
            return True
        if is_vague and whole and abs(value - whole) / abs(whole) <= Decimal("0.01"):
            return True
    return False


def _results(a: Decimal, b: Decimal) -> Iterator[Decimal]:
    if min(a, b) > 2:
        yield from (a + b, abs(a - b))
    yield from (a * b, a * b / 100)
    yield from (one / other for one, other in ((a, b), (b, a)) if other)
