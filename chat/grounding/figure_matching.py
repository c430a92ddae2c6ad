"""Whether a figure that an answer states stands in a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from chat.grounding.figure_reading import Claim, Figures

PARTS = {"day": ("week", 7), "month": ("year", 12), "hour": ("day", 24), "minute": ("hour", 60), "cent": ("money", 100)}


def stands_in(claim: Claim, source: Figures) -> bool:
    """Whether a text has the figure, perhaps written in another way."""
    match claim.kind:
        case "time":
            return bool(claim.values & source.times)
        case "month":
            return bool(claim.values & source.months)
        case "phone":
            return _is_among(claim, source.phones, str.endswith)
        case "address":
            return _is_among(claim, source.addresses, str.startswith)
    return any(_is_said(value, unit, source) for value, unit in _same(claim))


def _is_said(value: Decimal, unit: str, source: Figures) -> bool:
    """In the same unit, or without one: a table has it in its head, and "3, 5 or 7 days" has it once."""
    if unit == "date":  # the 15th, June 15, day 15
        return any((value, other) in source.numbers for other in ("date", "day", "other", ""))
    if unit:
        return (value, unit) in source.numbers or (value, "") in source.numbers
    return any(number == value for number, _ in source.numbers)


def _is_among(claim: Claim, known: frozenset[str], holds: Callable[[str, str], bool]) -> bool:
    """A phone number may lack its country's code, and an address its last part."""
    return any(holds(one, str(value)) or (holds is str.endswith and holds(str(value), one))
               for value in claim.values for one in known)  # fmt: skip


def _same(claim: Claim) -> Iterator[tuple[Decimal, str]]:
    """The number, and the same amount in another unit: 14 days are 2 weeks."""
    for value in claim.values:
        number = Decimal(value)
        yield number, claim.unit
        if whole := PARTS.get(claim.unit):
            yield number / whole[1], whole[0]
        yield from ((number * count, part) for part, (whole_unit, count) in PARTS.items() if whole_unit == claim.unit)
