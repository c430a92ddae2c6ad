"""Where a document is cut into pieces."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunking import Piece, size_of, split
from knowledge.parsed import ParsedDocument
from knowledge.parsers import parse
from tests.knowledge.files import PARAGRAPH, article, pdf


def cut(markdown: str | bytes, *, words: int = 180) -> list[Piece]:
    content = markdown if isinstance(markdown, bytes) else markdown.encode()
    return split(parse(BytesIO(content), "markdown"), words=words)


def sentences(words: int) -> str:
    return " ".join(f"This is sentence number {number}." for number in range(words // 5))


def test_a_short_article_is_one_piece():
    (piece,) = cut(f"# Fees\n\nIntro.\n\n## Late\n\n{sentences(60)}\n\n## Wire\n\n{sentences(60)}")
    assert piece.heading == ""
    assert piece.text.startswith("Intro.")
    assert "## Wire" in piece.text


def test_a_section_is_found_under_its_heading():
    pieces = cut(f"# T\n\n## Accounts\n\n{sentences(170)}\n\n### Closing\n\n{sentences(170)}")
    assert [piece.heading for piece in pieces] == ["Accounts", "Accounts › Closing"]
    assert pieces[1].text.startswith("This is sentence number 0.")


def test_in_a_long_document_no_piece_mixes_top_headings():
    parts = [f"## Top {number}\n\n{sentences(100)}\n\n### Inner\n\n{sentences(60)}" for number in range(8)]
    pieces = cut("# T\n\n" + "\n\n".join(parts))
    assert len(pieces) == 8
    assert all(piece.heading == f"Top {number}" for number, piece in enumerate(pieces))


def test_tiny_sections_share_a_piece_even_in_a_long_document():
    pieces = cut("# T\n\n" + "\n\n".join(f"## Question {number}\n\n{sentences(40)}" for number in range(40)))
    assert len(pieces) == 10
    assert pieces[0].text.startswith("## Question 0")


def test_a_long_section_is_cut_into_pieces_of_equal_length():
    sizes = [size_of(piece.text) for piece in cut("# T\n\n" + "\n\n".join([sentences(30)] * 17))]
    assert len(sizes) == 3
    assert max(sizes) <= 180
    assert min(sizes) >= 120


def test_a_list_stays_whole_where_it_fits():
    items = "\n".join(f"- Item {number} of this list has a few words" for number in range(12))
    pieces = cut(f"# T\n\n{sentences(140)}\n\n{items}\n\n{sentences(140)}")
    assert sum("Item 0 " in piece.text and "Item 11 " in piece.text for piece in pieces) == 1


def test_each_piece_of_a_table_can_stand_alone():
    rows = "\n".join(f"| Fee number {number} | ${number} |" for number in range(100))
    pieces = cut(f"# T\n\n| Fee | Amount |\n|---|---|\n{rows}")
    assert len(pieces) > 3
    assert all(piece.text.startswith("Fee: Fee number ") for piece in pieces)


def test_the_line_that_introduces_a_long_table_is_not_left_alone():
    rows = "\n".join(f"| Fee number {number} | ${number} |" for number in range(60))
    pieces = cut(f"# T\n\nAll fees are in dollars.\n\n| Fee | Amount |\n|---|---|\n{rows}")
    assert pieces[0].text.startswith("All fees are in dollars.\n\nFee: Fee number 0; Amount: $0.\n")


def test_chinese_pieces_are_about_300_characters():
    pieces = cut("# 标题\n\n" + "如何关闭账户。请登录后打开设置页面，然后选择关闭账户。" * 50)
    assert len(pieces) == 5
    assert all(len(piece.text) <= 350 for piece in pieces)


def test_a_piece_knows_its_page():
    pieces = split(parse(BytesIO(pdf(pages=3)), "pdf"), words=150)
    assert [piece.page for piece in pieces] == [1, 2, 3]


@pytest.mark.parametrize("text", ["x" * 300_000, "=" * 300_000, "字" * 100_000])
def test_f46_a_line_without_end_is_cut_hard(text: str):
    pieces = cut(text)
    assert "".join(piece.text for piece in pieces) == text
    assert all(len(piece.text) <= 20 * 180 for piece in pieces)


def test_a_document_of_headings_only_loses_none():
    assert "Second" in "".join(piece.text for piece in cut("# T\n\n## First\n\n## Second"))


@given(st.lists(st.tuples(st.integers(2, 4), st.integers(0, 260)), min_size=1, max_size=12))
def test_nothing_is_lost_and_every_piece_is_a_stretch_of_the_text(sections: list[tuple[int, int]]):
    parts = [f"{'#' * level} Head {n}\n\n{sentences(words)}" for n, (level, words) in enumerate(sections)]
    document = parse(BytesIO("\n\n".join(parts).encode()), "markdown")
    pieces = split(document, words=180)
    assert all(document.text[piece.start : piece.end] == piece.text for piece in pieces)
    assert all(one.end <= other.start for one, other in pairwise(pieces))
    found = " ".join(piece.text for piece in pieces).count("This is sentence")
    assert found == document.text.count("This is sentence")
    assert all(size_of(piece.text) <= 1.2 * 180 for piece in pieces)


def test_an_article_is_cut_the_same_way_each_time():
    assert cut(article(40)) == cut(article(40))
    assert PARAGRAPH.split()[0] in cut(article(1))[0].text
    assert split(ParsedDocument(title="", blocks=()), words=180) == []
