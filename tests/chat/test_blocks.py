import itertools
import time

from hypothesis import given
from hypothesis import strategies as st

from chat import blocks
from chat.blocks import Blocks

MARKDOWN = st.lists(
    st.sampled_from(
        ["One sentence.", "\n", "\n\n", "1. first", "- point", "```\n", "code()", "   indented", "| a | b |", "x"]
    )
).map("".join)


def test_a_paragraph_is_finished_when_the_next_one_begins():
    growing = Blocks()
    growing.feed("First paragraph.\n\n")
    assert growing.finished == []
    growing.feed("S")
    assert growing.finished == ["First paragraph.\n\n"]
    assert growing.open == "S"


def test_a_list_with_blank_lines_stays_one_block():
    text = "1. Open Settings.\n\n2. Choose Close account.\n\n   Confirm with the code.\n\nThen you are done."
    assert blocks.of(text).finished == [text[: text.index("Then")], "Then you are done."]


def test_a_fence_hides_blank_lines_until_it_is_closed():
    text = "```\na\n\nb\n```\n\nafter"
    assert blocks.of(text).finished == ["```\na\n\nb\n```\n\n", "after"]


@given(MARKDOWN, st.lists(st.integers(0, 60)))
def test_however_the_text_comes_in_the_blocks_are_the_same(text: str, cuts: list[int]):
    streamed = Blocks()
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    for begin, end in itertools.pairwise(places):
        streamed.feed(text[begin:end])
    assert streamed.text == text
    streamed.finish()
    assert streamed.finished == blocks.of(text).finished


def test_a66_a_thousand_items_cost_no_more_than_their_length():
    growing = Blocks()
    began = time.monotonic()
    for _ in range(4000):
        growing.feed("- a\n")
        growing.feed("\n")
    assert time.monotonic() - began < 2
