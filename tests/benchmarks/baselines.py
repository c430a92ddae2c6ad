"""What the product's search is measured beside: BM25 by bm25s, the vectors alone, and the min-max fusion of both.

Each gives for every question the documents' scores, as an array (questions, documents).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from knowledge.words import UNSPACED

Scores = NDArray[np.float32]

DEPTH = 50  # candidates of each list that are fused
DENSE_WEIGHT = 0.3
_run = re.compile(f"[{UNSPACED}]+")


def words_alone(documents: Sequence[str], questions: Sequence[str]) -> Scores:
    """BM25 with bm25s' own tokenizer, stop words, constants and stemmer; unspaced scripts as pairs of characters."""
    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25()
    index.index(_tokens(documents, stemmer), show_progress=False)
    asked = _tokens(questions, stemmer)
    return np.array([index.get_scores(words) if words else np.zeros(len(documents)) for words in asked], np.float32)


def vectors_alone(vectors: Scores, of_document: NDArray[np.intp], asked: Scores, documents: int) -> Scores:
    """The cosine of each document's best chunk; `of_document` says which document a chunk belongs to."""
    scores = np.full((len(asked), documents), -1, np.float32)
    cosines = asked @ vectors.T
    for chunk, document in enumerate(of_document):
        np.maximum(scores[:, document], cosines[:, chunk], out=scores[:, document])
    return scores


def fused(words: Scores, vectors: Scores) -> Scores:
    """Each list's best 50 scaled to 0…1 by its own least and greatest score, the rest 0; dense weight 0.3."""
    return (1 - DENSE_WEIGHT) * _scaled(words) + DENSE_WEIGHT * _scaled(vectors)


def ranks(scores: Scores, wanted: Sequence[frozenset[int]]) -> list[int]:
    """The rank, from 0, of the best wanted document for each question; ties count against it."""
    found = []
    for row, documents in zip(scores, wanted, strict=True):
        best = max(row[document] for document in documents)
        found.append(int((row >= best).sum() - sum(row[document] >= best for document in documents)))
    return found


def _tokens(texts: Sequence[str], stemmer: Stemmer.Stemmer) -> list[list[str]]:
    spaced = [_run.sub(_pairs, text) for text in texts]
    tokens: list[list[str]] = bm25s.tokenize(
        spaced, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False
    )
    return tokens


def _pairs(run: re.Match[str]) -> str:
    characters = run.group()
    pairs = [first + second for first, second in pairwise(characters)] or [characters]
    return f" {' '.join(pairs)} "


def _scaled(scores: Scores) -> Scores:
    depth = min(DEPTH, scores.shape[1])
    scaled = np.zeros_like(scores)
    for row, source in zip(scaled, scores, strict=True):
        best = np.argsort(-source, kind="stable")[:depth]
        low, high = source[best[-1]], source[best[0]]
        row[best] = (source[best] - low) / (high - low + 1e-9)
    return scaled
