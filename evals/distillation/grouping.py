"""Which candidates belong together: questions that are nearly the same, and what is of one conversation or case. Of one
cluster all are learned from, or all measure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from evals.datasets.likeness import NUMBER
from evals.distillation.candidates import Candidate
from evals.distillation.options import Options
from evals.distillation.vectors import Rows, Texts, nearness

Pairs = NDArray[np.int64]  # two rows: which and which
SAME_KIND = 0.8  # the cosine from which two questions are of one cluster, and the share of words


def clusters_of(candidates: Sequence[Candidate], questions: Texts, also: Texts) -> tuple[list[int], set[int]]:
    """The cluster of each candidate, and the clusters in which a text of `also` is. Neighbours of neighbours are of one
    cluster (single linkage).
    """
    n = len(candidates)
    everything = Texts([*questions.texts, *also.texts], _stacked(questions.vectors, also.vectors))
    rows, columns = np.concatenate([*_edges(everything), _in_one_group(candidates)], axis=1)
    size = len(everything)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, found = connected_components(graph, directed=False)
    return [int(one) for one in found[:n]], {int(one) for one in found[n:]}


def without_twins(
    candidates: Sequence[Candidate], clusters: Sequence[int], vectors: Rows, options: Options
) -> list[int]:
    """The places of those to keep: of several that say the same the one that was approved best, then the latest.

    Only within a cluster, and only where figures and a judge's word are the same too: $35 and $53 are no twins.
    """
    order = sorted(range(len(candidates)), key=lambda at: _worth(candidates[at]))
    kept: dict[tuple[object, ...], list[int]] = {}
    for at in order:
        same = kept.setdefault((clusters[at], candidates[at].label, _figures(candidates[at])), [])
        if not any(_says_the_same(candidates, vectors, at, other, options) for other in same):
            same.append(at)
    return sorted(at for places in kept.values() for at in places)


def within_limits(candidates: Sequence[Candidate], options: Options) -> list[int]:
    """The places of those to keep so that no customer has more than `of_one_customer`, the best approved first."""
    count: dict[str, int] = {}
    kept = []
    for at in sorted(range(len(candidates)), key=lambda at: _worth(candidates[at])):
        owner = candidates[at].owner
        count[owner] = count.get(owner, 0) + 1
        if not owner or count[owner] <= options.of_one_customer:
            kept.append(at)
    return sorted(kept)


def _says_the_same(candidates: Sequence[Candidate], vectors: Rows, at: int, other: int, options: Options) -> bool:
    one, two = candidates[at], candidates[other]
    if (_plain(one.about), _plain(one.bad)) == (_plain(two.about), _plain(two.bad)):
        return True
    return bool(vectors[at] @ vectors[other] >= options.twins)


def _edges(texts: Texts) -> list[Pairs]:
    edges = []
    for block, cosines, overlaps in nearness(texts, texts):
        rows, columns = np.nonzero((cosines >= SAME_KIND) | (overlaps >= SAME_KIND))
        pairs = np.stack([rows + block.start, columns])
        edges.append(pairs[:, pairs[0] < pairs[1]])
    return edges


def _in_one_group(candidates: Sequence[Candidate]) -> Pairs:
    """Each with the first one of its group."""
    first: dict[str, int] = {}
    pairs = [(at, first.setdefault(one.group, at)) for at, one in enumerate(candidates) if one.group]
    return np.array(pairs, np.int64).reshape(-1, 2).T


def _worth(candidate: Candidate) -> tuple[object, ...]:
    return -candidate.rank, -candidate.at.timestamp(), candidate.name


def _figures(candidate: Candidate) -> tuple[str, ...]:
    return tuple(sorted(set(NUMBER.findall(_without_marks(candidate.about)))))


def _without_marks(text: str) -> str:
    return re.sub(r"\[[^\]]{1,20}\]", " ", text)  # citations and placeholders


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", _without_marks(text).casefold()))


def _stacked(some: Rows, others: Rows) -> Rows:
    return np.concatenate([some, others]) if len(others) else some
