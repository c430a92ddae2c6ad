"""The choke point for text (F48)."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llm.cleaning import StreamCleaner, clean, clean_json

ANY_TEXT = st.text(st.characters(exclude_categories=()))


def test_f48_nul_control_characters_and_lone_surrogates_go():
    assert clean("a\x00b\x1b[0m\x7f\x9f\ud83d c\ude00") == "ab[0m c"


def test_f48_tabs_line_ends_and_whole_characters_stay():
    assert clean("a\tb\r\nc\n 你好 🙂 é \u200d") == "a\tb\r\nc\n 你好 🙂 é \u200d"


def test_f48_two_halves_of_a_character_are_joined():
    assert clean(json.loads(r'"\ud83d\ude00"') + "\x00") == "😀"
    assert clean("\ud83d" + "\ude00") == "😀"


def test_f48_json_is_cleaned_to_its_leaves_and_keys():
    dirty = {"na\x00me": ["a\ud800", {"deep": "\x01"}, 1, None, True]}
    assert clean_json(dirty) == {"name": ["a", {"deep": ""}, 1, None, True]}


@given(ANY_TEXT)
def test_f48_clean_text_can_be_stored_and_stays_as_it_is(text):
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@given(ANY_TEXT, st.lists(st.integers(0, 50)))
def test_f48_cleaning_piece_by_piece_is_cleaning_the_whole(text, cuts):
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    cleaner = StreamCleaner()
    pieces = [cleaner.feed(text[start:stop]) for start, stop in pairwise(places)]
    assert "".join(pieces) == clean(text)
