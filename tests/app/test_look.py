"""The colours can be told apart by everybody, in both themes."""

from __future__ import annotations

import re
from itertools import product

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text()
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", TOKENS))
GROUNDS = ("paper", "surface", "raised", "brand-soft")
ON_GROUNDS = [*product(("ink", "ink-2"), GROUNDS), *product(("brand",), ("paper", "surface", "raised"))]
ON_THEIR_OWN = [("brand-ink", "brand"), *((word, f"{word}-soft") for word in ("good", "warn", "bad"))]
SIGNALS = [*product(("good", "warn", "bad"), ("paper", "surface"))]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, theme: int) -> float:
    values = sorted(luminance(PAIRS[name].split(", ")[theme]) for name in (one, other))
    return (values[1] + 0.05) / (values[0] + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(theme: int):
    pairs = [*ON_GROUNDS, *ON_THEIR_OWN, *SIGNALS]
    weak = {pair: round(contrast(*pair, theme), 2) for pair in pairs if contrast(*pair, theme) < 4.5}
    assert weak == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_fields_and_focus_can_be_seen(theme: int):
    pairs = [*product(("edge", "focus"), ("paper", "surface"))]
    weak = {pair: round(contrast(*pair, theme), 2) for pair in pairs if contrast(*pair, theme) < 3}
    assert weak == {}
