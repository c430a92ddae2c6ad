"""How near texts are to one another: by the cosine of their vectors, and by the telling words that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from asgiref.sync import async_to_sync
from numpy.typing import NDArray
from scipy.sparse import csr_array

import llm
from chat.leaning import telling_words

Rows = NDArray[np.float32]
AT_A_TIME = 256  # texts between two signs of life
A_BLOCK = 512  # rows that are compared at once


def vectors_of(texts: Sequence[str], beat: Callable[[int, int], None]) -> Rows:
    """A row of length 1 for each text; the same text is asked for once. Raises an `LLMError`."""
    different = list(dict.fromkeys(texts))
    parts = []
    for start in range(0, len(different), AT_A_TIME):
        beat(start, len(different))
        parts.append(async_to_sync(llm.embed)(different[start : start + AT_A_TIME], purpose="teach").rows)
    if not parts:
        return np.empty((0, 0), np.float32)
    places = {text: place for place, text in enumerate(different)}
    rows: Rows = np.concatenate(parts)[[places[text] for text in texts]]
    return rows


class Texts:
    """Texts with their vectors and their telling words."""

    def __init__(self, texts: Sequence[str], vectors: Rows) -> None:
        self.texts, self.vectors = texts, vectors
        self.words = [telling_words(text) for text in texts]

    def __len__(self) -> int:
        return len(self.texts)


def nearness(some: Texts, others: Texts) -> Iterator[tuple[slice, Rows, Rows]]:
    """Block by block of `some`: the cosines, and the shares of words that two have in common (Jaccard), as
    (rows of the block, others).
    """
    vocabulary = {
        word: place for place, word in enumerate(sorted({w for t in (some, others) for ws in t.words for w in ws}))
    }
    left, right = _matrix(some, vocabulary), _matrix(others, vocabulary)
    sizes, other_sizes = left.sum(axis=1), right.sum(axis=1)
    for start in range(0, len(some), A_BLOCK):
        block = slice(start, min(start + A_BLOCK, len(some)))
        common = (left[block] @ right.T).toarray()
        union = sizes[block, None] + other_sizes[None, :] - common
        yield block, some.vectors[block] @ others.vectors.T, common / np.maximum(union, 1)


def _matrix(texts: Texts, vocabulary: dict[str, int]) -> csr_array:
    """A row for each text, 1 where it says the word."""
    columns = [vocabulary[word] for words in texts.words for word in sorted(words)]
    ends = np.cumsum([0, *map(len, texts.words)])
    shape = (len(texts), max(1, len(vocabulary)))
    return csr_array((np.ones(len(columns), np.float32), np.array(columns, np.int32), ends), shape=shape)
