import itertools
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.citations import CitedText
from knowledge.search import Passage


def passage(number: int) -> Passage:
    return Passage(
        chunk_id=number,
        document_id=uuid.UUID(int=number),
        version_number=1,
        title=f"Article {number}",
        heading="",
        page=None,
        text=f"Text {number}",
        score=1.0,
    )


GIVEN = tuple(passage(number) for number in (1, 2, 3))


def cited(text: str, cuts: tuple[int, ...] = ()) -> tuple[str, list[int]]:
    stream = CitedText(GIVEN)
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    shown = "".join(stream.feed(text[a:b]) for a, b in itertools.pairwise(places)) + stream.finish()
    return shown, [source.chunk_id for source in stream.cited]


def test_the_first_passage_cited_becomes_number_one():
    assert cited("It is free [3]. Send it by post [1][3].") == ("It is free [1]. Send it by post [2][1].", [3, 1])


def test_a_passage_that_was_never_given_is_not_cited():
    assert cited("It is free [9].") == ("It is free .", [])


@pytest.mark.parametrize("text", ["Both [1, 2].", "Both [1,2].", "Both [1; 2]."])
def test_several_numbers_in_one_mark_become_one_mark_each(text: str):
    assert cited(text)[0] == "Both [1][2]."


def test_other_brackets_stay_as_they_are():
    assert cited("[see note] and [ ] and a[i]")[0] == "[see note] and [ ] and a[i]"


@given(st.lists(st.integers(0, 40)))
def test_marks_split_over_deltas_are_found_all_the_same(cuts: list[int]):
    text = "Free [3]. By post [1][2] or [2, 3]; see [x] [12."
    assert cited(text, tuple(cuts)) == cited(text)


def test_a_continued_answer_goes_on_with_the_numbers_of_its_draft():
    stream = CitedText(GIVEN, [GIVEN[2]])
    assert stream.feed("More [1]. Same [3].") + stream.finish() == "More [2]. Same [1]."
