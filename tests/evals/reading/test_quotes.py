"""A quote stands in a text word for word, whatever its spaces, capitals and marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.reading.quotes import place_of

TEXT = (
    "If the payment hasn’t arrived by then, we add a **late fee** of $35 on the 16th. [1]\n\nThe late fee is “flat”, "
    "and 3.35% or $35,000 is another matter. 滞纳金是35美元，在16日收取。"
)


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("we add a late fee of $35 on the 16th.", "we add a **late fee** of $35 on the 16th."),
        ("WE ADD A  LATE\nFEE", "we add a **late fee"),
        ("payment hasn't arrived by then", "payment hasn’t arrived by then"),
        ("the 16th. The late fee is \"flat\"", "the 16th. [1]\n\nThe late fee is “flat”"),
        ("arrived by then … on the 16th", "arrived by then, we add a **late fee** of $35 on the 16th"),
        ("滞纳金是35美元", "滞纳金是35美元"),
        ("The late fee is &quot;flat&quot;", "The late fee is “flat”"),
        ("$35", "$35"),
    ],
)  # fmt: skip
def test_a_quote_is_found_where_it_stands(quote, stands):
    place = place_of(quote, TEXT)
    assert place
    assert TEXT[slice(*place)] == stands


@pytest.mark.parametrize(
    "quote",
    [
        "we add a late fee of $53",
        "35%",
        "$35,00",
        "6th. [1] The late fee",
        "ate fee of $35",
        "on the 16th … If the payment",
        "the",
        "",
        "…",
        "[1]",
        "金是",
    ],
)
def test_what_does_not_stand_there_or_proves_nothing_is_not_found(quote):
    assert place_of(quote, TEXT) is None


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_whatever_is_found_lies_within_the_text(text, start, end):
    quote = text[min(start, end) : max(start, end)]
    place = place_of(quote, text)
    assert place is None or 0 <= place[0] < place[1] <= len(text)


WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9), min_size=6, max_size=40)


@given(WORDS, st.data())
def test_whole_words_are_found_in_any_spelling_of_spaces_and_capitals(words, data):
    first = data.draw(st.integers(0, len(words) - 5))
    last = data.draw(st.integers(first + 4, len(words)))
    text = " ".join(words)
    place = place_of("\n ".join(words[first:last]).upper(), text)
    assert place
    assert text[slice(*place)] == " ".join(words[first:last])


@given(WORDS, st.integers(0, 39), st.text("0123456789", min_size=1, max_size=3))
def test_a_quote_with_another_word_is_not_found(words, n, number):
    changed = [*words]
    changed[n % len(words)] = number
    assert place_of(" ".join(changed), " ".join(words)) is None
