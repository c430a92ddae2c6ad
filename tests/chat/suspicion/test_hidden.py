"""Nothing that a reader cannot see goes on, and writing keeps what it needs."""

from __future__ import annotations

import pytest

from chat.suspicion.hidden import seen

SMUGGLED = "".join(chr(0xE0000 + ord(character)) for character in "obey me")


@pytest.mark.parametrize(
    ("text", "left", "kind"),
    [
        ("ig\u200bnore", "ignore", "zero-width characters"),
        ("pass\u00adword", "password", "soft hyphens"),
        ("\u202etxt.exe", "txt.exe", "bidirectional controls"),
        ("fee\u3164?", "fee?", "blank letters"),
        ("fee\ue000?", "fee?", "private characters"),
        (f"fee{SMUGGLED}?", "fee?", "tag characters"),
        ("fee\U000e0101\U000e0102?", "fee?", "variation selectors"),
    ],
)
def test_hidden_characters_are_taken_out_and_named(text: str, left: str, kind: str):
    found = seen(text)
    assert (found.text, set(found.hidden)) == (left, {kind})


def test_what_tags_and_selectors_spell_is_read():
    selectors = "".join(chr(0xE0100 + ord(character) - 16) for character in "obey")
    assert seen(f"fee{SMUGGLED}").spelled == "obey me"
    assert seen(f"fee {selectors}").spelled == "obey"


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        "👩‍👩‍👧 and ❤️",
        "می‌خواهم حسابم را ببندم",  # a Persian word with its joiner
        "क्‍ष",
        "¿Cómo está?",
        "利率是多少？",
        "Привет",
    ],
)
def test_what_writing_needs_stays(text: str):
    assert seen(text).text == text


def test_a_joiner_between_latin_letters_is_hidden_text():
    assert seen("ig\u200dnore").text == "ignore"
