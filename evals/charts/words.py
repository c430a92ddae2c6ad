"""Numbers as people say them: points of a hundred, or scores."""

from __future__ import annotations

from typing import Literal

Unit = Literal["points", "score"]


def amount(value: float, unit: Unit) -> str:
    """A size without its sign: `6` points of a hundred, or `0.32` of a score; `0` for what rounds to nothing."""
    size = abs(100 * value) if unit == "points" else abs(value)
    digits = 0 if unit == "points" and (size >= 1 or size < 0.05) else 1 if unit == "points" else 2
    text = f"{size:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def level(value: float, unit: Unit) -> str:
    """A value itself: `82 %`, or `4.12`."""
    sign = "−" if value < 0 and amount(value, unit) != "0" else ""
    return f"{sign}{amount(value, unit)}{' %' if unit == 'points' else ''}"


def difference_in_words(value: float, low: float, high: float, unit: Unit) -> str:
    """`6 points better, between 1 and 11`; where the interval holds zero, each end says its direction."""
    noun = "" if unit == "score" else " point" if amount(value, unit) == "1" else " points"
    size = amount(value, unit)
    found = "no difference" if size == "0" else f"{size}{noun} {_direction(value)}"
    if low > 0 or high < 0:
        near, far = sorted([abs(low), abs(high)])
        return f"{found}, between {amount(near, unit)} and {amount(far, unit)}"
    return f"{found}, between {_end(low, unit)} and {_end(high, unit)}"


def level_in_words(value: float, low: float, high: float, unit: Unit) -> str:
    """`82 %, between 72 % and 89 %`"""
    return f"{level(value, unit)}, between {level(low, unit)} and {level(high, unit)}"


def cut(text: str, most: int) -> str:
    """The text, or its beginning with three dots, in at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _direction(value: float) -> str:
    return "better" if value > 0 else "worse"


def _end(value: float, unit: Unit) -> str:
    size = amount(value, unit)
    return size if size == "0" else f"{size} {_direction(value)}"
