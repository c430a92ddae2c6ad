"""What the checks read at a time: whole sentences, wherever the stream was cut."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.sentences import LONGEST, Sentences, split

PIECES = [
    *("It is free. [1] ", "See e.g. the U.S. site. ", "1. Open Settings.\n", "2. Go on.\n\n", "3.5 % ", "p.m. "),
    *("No. 5 ", "[EMAIL_1] ", "[1][2]", "[", "】", "【1†a】", "```\n", "```", "    ", "`a`", "- item\n", "| a | b |\n"),
    *("…", "...", "？！", "你好。", "“Sí”, ¿no? ", "J. Smith ", "\n", "\n \n", "\r\n", "x" * 700, " y" * 300, ".", "!"),
    *("** ", " (a. b) ", "etc. The ", "\u00a0"),
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)


def fed(text: str, cuts: list[int]) -> list[str]:
    """The sentences of a text that comes in pieces cut at these places."""
    sentences = Sentences()
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    whole = [one for a, b in itertools.pairwise(places) for one in sentences.feed(text[a:b])]
    return whole + sentences.finish()


@given(texts, st.lists(st.integers(0, 2_000), max_size=40))
@example("It ends. [1] Next", [9, 10, 11, 12])
@example("a\n \nb", [2])
def test_nothing_is_lost_and_the_cuts_do_not_matter(text: str, cuts: list[int]):
    assert "".join(fed(text, cuts)) == text
    assert fed(text, cuts) == split(text)


@given(texts)
def test_letter_by_letter_is_the_same(text: str):
    assert fed(text, list(range(len(text)))) == split(text)


@pytest.mark.parametrize(
    "sentences",
    [
        ["The fee is $35. ", "It is waived once."],
        ["It is due on the 15th of the month. [1] ", "Next question."],
        ["It is free. [1][2] ", "So is that [3]. ", "Yes!"],
        ["It is free. 【1†source】 ", "So is that."],
        ["Write to it. ", "[EMAIL_1] is yours."],
        ["1. Open Settings. ", "Then press OK.\n", "2. Sign out.\n\n", "Done."],
        ["You pay 3.5 % a year. ", "That is $1,200.50 in all."],
        ["Forms, e.g. W-2 or 1099, i.e. those of the U.S. Treasury, approx. 5 pages. ", "Send them."],
        ["See No. 5 in Sec. 2 for Mr. J. Smith vs. Acme Inc. and others. ", "Call us."],
        ["Call until 8 p.m. Eastern Time. ", "We answer."],
        ["We close at 8 p.m. ", "The office opens at 9 a.m. on Monday."],
        ["It is sold in the U.S. ", "You can buy it."],
        ["Well... maybe. ", "Wait… ", "No."],
        ["“Is it free?” she asked. ", "“Yes.” ", "He left."],
        ["Bring it (a copy will do). ", "**That is all.** ", "Bye."],
        ["¿Cuánto cuesta? ", "Son $35. ", "¡Gracias! ", "Lo dijo la Sra. Díaz en la pág. 3."],
        ["费用是35美元。[1]", "您可以申请免除！", "好吗？", "好。"],
        ["- one. ", "two\n", "- three\n\n", "After."],
        ["| Fee | Amount |\n", "|---|---|\n", "| Late | $35. |\n"],
        ["So:\n\n", "```py\na. b\n\nc. d\n```\n\n", "After."],
        ["A `cmd. x` stays. ", "Next."],
        ["https://a.example/b.html?c=1. ", "Next."],
        ["Note 1. ", "Then."],
        ["No. ", "You cannot."],
    ],
    ids=lambda sentences: sentences[0][:30].strip(),
)
def test_sentences_end_where_a_reader_would_end_them(sentences: list[str]):
    assert split("".join(sentences)) == sentences


@pytest.mark.parametrize(
    ("pieces", "held", "whole"),
    [
        (["It is free.", " "], "", "It is free. "),
        (["It is free.", " [1", "]", " "], "", "It is free. [1] "),
        (["费用。"], "", "费用。"),
        (["A line", "\n"], "", "A line\n"),
        (["In the U.S. ", "You"], " ", "In the U.S. "),
    ],
)
def test_a_sentence_comes_with_the_letter_that_makes_its_end_certain(pieces: list[str], held: str, whole: str):
    sentences = Sentences()
    assert [sentences.feed(piece) for piece in pieces] == [[]] * len(pieces)
    assert sentences.feed(held or "N") == [whole]


def test_a_sentence_without_an_end_is_cut_at_a_space_and_never_in_a_mark():
    first, *_ = split("word " * 300)
    assert (len(first), first[-5:]) == (LONGEST, "word ")
    first, second = split("x" * (LONGEST - 5) + "[EMAIL_1]" + "y" * 20)
    assert (first[-1], second[:9]) == ("x", "[EMAIL_1]")


def test_code_that_is_never_closed_is_held_back_for_a_while_only():
    sentences = Sentences()
    assert sum(len(one) for one in sentences.feed("```\n" + "line of code\n" * 1_000)) > 8_000


WALLS = ["a", ". ", ".", "\n", " ", "[1] ", "``` \n", "`", "| a. ", "e.g. ", "你。"]


@pytest.mark.parametrize("wall", WALLS)
def test_a66_a_wall_of_text_costs_linear_time(wall: str):
    """Each letter costs the same, however many there are and in however many pieces they come."""
    sentences, text, began = Sentences(), wall * (100_000 // len(wall)), time.thread_time()
    for at in range(0, len(text), 3):
        sentences.feed(text[at : at + 3])
    sentences.finish()
    split(text)
    assert time.thread_time() - began < 4
