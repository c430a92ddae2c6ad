"""A version as a file: there and back, and what a hostile or careless file gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.assistant import Assistant
from chat.versions.states import house
from chat.versions.text import Unreadable, as_text, diff, from_text, in_plain
from tests.chat.versioning import changed, with_prompt

WORDS = st.text(min_size=1, max_size=200).filter(lambda text: text.strip() and "\x00" not in text)


def problems(text: str | bytes) -> str:
    with pytest.raises(Unreadable) as raised:
        from_text(text)
    return str(raised.value)


def test_a_text_comes_back_as_the_same_record():
    full = changed(
        examples=[{"question": "Who? - me: #1", "answer": "Line one\n\n  line two\n- [x] yes"}],
        rules=[{"name": "legal", "watch_for": ["* sue *", "off", "123"], "say": "Ask a lawyer."}],
    )
    again = from_text(as_text(full))
    assert again == full
    assert again.hash == full.hash
    assert as_text(again) == as_text(full)


@given(words=st.lists(WORDS, min_size=3, max_size=3))
def test_whatever_people_write_survives_the_file(words: list[str]):
    try:
        version = changed(
            examples=[{"question": words[0], "answer": words[1]}],
            rules=[{"name": "one", "watch_for": [words[2]], "say": words[0]}],
        )
    except ValueError:
        return  # nothing was left of it
    assert from_text(as_text(version)) == version


def test_prose_stands_in_blocks_that_a_diff_can_show():
    text = as_text(house())
    assert "  answer: |-\n    You are the support assistant of $site_name." in text
    assert "\\n" not in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prompts: {answer: a, answer: b}", "line 1: answer stands there twice"),
        ("prompts: &a {answer: x}\nexamples: *a", "Anchors and aliases"),
        ("[" * 5_000, "nested too deeply"),
        ("{" * 5_000, "nested too deeply"),
        ("prompts: [", "line 1"),
        ("- just\n- a list", "There are no names with values"),
        ("", "There are no names with values"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("prompts: 2026-13-45", "impossible value"),
        ("tools: !!python/object/apply:os.system [id]", "could not determine a constructor"),
        ("x" * 1_000_001, "larger than 1,000,000 bytes"),
    ],
)
def test_what_is_no_version_is_refused_with_the_reason(text: str | bytes, words: str):
    assert words in problems(text)


def test_a_file_that_grows_when_it_is_read_is_refused_before_it_does():
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n"
        for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "Anchors and aliases" in problems(laughs)


def test_every_problem_names_its_field_and_what_to_do():
    wrong = as_text(with_prompt("Hello $nobody, that is $ 3", "answer"))
    wrong += "surprise: 1\n"
    assert problems(wrong) == "surprise: There is no such setting: take it out, or correct its name."
    wrong = as_text(house().model_copy(update={"prompts": {"answer": "No name", "unknown": "", "ghost": "x"}}))
    assert "prompts.unknown: " in problems(wrong)
    names = problems(
        as_text(changed(prompts={"answer": "No name", "ghost": "x", "question": "$passages $question $me"}))
    )
    assert "prompts.answer: It must hold $site_name" in names
    assert "prompts.ghost: The code asks for no prompt of this name. It asks for: answer" in names
    assert "prompts.question: Nothing fills in $me. Known here: $passages, $question." in names
    assert "prompts.unknown: The code asks for this prompt: write it." in names


def test_parts_that_are_on_no_shelf_are_refused_with_those_that_are():
    words = problems(as_text(changed(guardrails={"ghost": {}}, tools=["phantom"])))
    assert "guardrails.ghost: There is no such guardrail. Known: " in words
    assert "tools.phantom: There is no such tool. Known: " in words


def test_a_wrong_type_says_where():
    text = as_text(house()).replace("passages: 6", "passages: many")
    assert "retrieval.passages: " in problems(text)
    assert "prompts.unknown: Input should be a valid string. Put it in quotes." in problems("prompts: {unknown: 3}")


def test_a_diff_shows_what_goes_and_what_comes_with_the_words_that_changed():
    before = house().prompts["answer"]
    after = before.replace("two to five sentences", "one sentence").replace(
        "- Begin with", "- Be friendly.\n- Begin with"
    )
    assert before != after
    lines = diff(as_text(house()), as_text(with_prompt(after, "answer")))
    (gone,) = [line for line in lines if line.kind == "removed"]
    friendly, shorter = [line for line in lines if line.kind == "added"]
    assert friendly.text.strip() == "- Be friendly."
    assert friendly.pieces == ()
    assert [piece.text.strip() for piece in gone.pieces if piece.kind == "gone"] == ["two to five sentences"]
    assert [piece.text.strip() for piece in shorter.pieces if piece.kind == "new"] == ["one sentence"]
    for line in (gone, shorter):
        assert "".join(piece.text for piece in line.pieces) == line.text
    assert f"\n-{gone.text}\n+{friendly.text}\n+{shorter.text}\n" in in_plain(lines)


def test_nothing_differs_between_equal_texts():
    assert diff(as_text(house()), as_text(Assistant.model_validate(house().model_dump()))) == []
