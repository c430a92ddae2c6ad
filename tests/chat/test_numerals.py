"""Numbers in words are read in the language that the text is in."""

from __future__ import annotations

import pytest

from chat.grounding.numerals import numerals


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("once two weeks have passed, the card arrives", [2]),
        ("the amount is charged at once", []),
        ("el plazo es de once días hábiles", [11]),
        ("veinticinco días", [25]),
        ("two hundred five dollars", [205]),
        ("两千五百美元", [2500]),
    ],
)
def test_numbers_in_words(text: str, values: list[int]):
    assert [int(numeral.value) for numeral in numerals(text)] == values
