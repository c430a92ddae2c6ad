"""Whether a figure follows from others: a monthly part of a sum, a fee of so many percent, a rounded rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import permutations

from chat.grounding.figure_reading import Claim, figures_in

NO_AMOUNTS = frozenset({"date"})  # days of a month are neither added nor multiplied
SMALLEST = 2  # no result of adding or taking away as little proves anything
Amount = tuple[Decimal, str]  # a number and its unit, "" or "other" where it has none that is known


def follows_from(claim: Claim, known: Iterable[Amount]) -> bool:
    """Whether two amounts that are known make the figure: sums of one unit, or one by a number, or a share of it."""
    if claim.kind != "number" or claim.unit in NO_AMOUNTS:
        return False
    amounts = [amount for amount in set(known) if amount[1] not in NO_AMOUNTS]
    wanted = {Decimal(value) for value in claim.values}
    return any(not wanted.isdisjoint(_results(one, other, claim.unit)) for one, other in permutations(amounts, 2))


def amounts_of(claims: Iterable[Claim]) -> set[Amount]:
    return {(Decimal(value), claim.unit) for claim in claims if claim.kind == "number" for value in claim.values}


def amounts_in(text: str) -> set[Amount]:
    """Every number of a text, read generously."""
    return set(figures_in(text).numbers)


def _results(one: Amount, other: Amount, unit: str) -> Iterator[Decimal]:
    """`one` is what the result is in: dollars by months are dollars."""
    (a, first), (b, second) = one, other
    if not _may_be(first, unit):
        return
    if _may_be(second, unit) and min(a, b) > SMALLEST:
        yield from (a + b, abs(a - b))
    if second == "percent":
        yield a * b / 100
    elif second != first or not first:
        yield a * b
        yield from [round(a / b, 2), a / b] if b else []


def _may_be(known: str, unit: str) -> bool:
    return known in (unit, "") or not unit
