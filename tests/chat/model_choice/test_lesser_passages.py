"""An answer that is cited well may still answer something else: it rests on a passage that fits less."""

from __future__ import annotations

import uuid

import pytest

from chat.model_choice.checking import fits_less
from knowledge.search import Passage


def passages(*scores: float) -> list[Passage]:
    return [
        Passage(n, uuid.UUID(int=n), 1, f"Article {n}", "", None, "A fee of $35.", score)
        for n, score in enumerate(scores)
    ]


@pytest.mark.parametrize(
    ("scores", "cited", "is_less"),
    [
        ((0.5, 0.4, 0.2), [0], False),
        ((0.5, 0.4, 0.2), [1], False),  # four fifths of the best
        ((0.5, 0.4, 0.2), [2], True),
        ((0.5, 0.4, 0.2), [2, 0], False),  # one that fits is enough
        ((0.2, 0.4, 0.5), [0], True),  # the best need not come first
        ((0.0, 0.0), [1], False),  # scores that say nothing
        ((0.5, 0.1), [], False),  # that it cites nothing is another defect
    ],
)
def test_one_of_the_cited_passages_has_to_fit_nearly_as_well_as_the_best(scores, cited, is_less):
    found = passages(*scores)
    assert fits_less([found[place] for place in cited], found) is is_less
