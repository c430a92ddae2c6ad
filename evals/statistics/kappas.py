"""Two judges beside the same people: does one of them agree with people less than the other?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from evals.statistics.agreement import Weights, apart
from evals.statistics.resampling import Numbers, draws, positions


@dataclass(frozen=True)
class KappaDifference:
    """κ of the second judge minus κ of the first, with its 95 % interval; `n` is the number of clusters."""

    first: float
    second: float
    low: float
    high: float
    n: int

    @property
    def value(self) -> float:
        return self.second - self.first


def kappa_difference(
    words: Sequence[tuple[str, str, str]],
    *,
    labels: Sequence[str],
    weights: Weights = "none",
    clusters: Sequence[Hashable] | None = None,
) -> KappaDifference | None:
    """Of (people's, first judge's, second judge's) words on the same items. None where a κ has no meaning.

    A percentile bootstrap over clusters, each drawn with both judges' words on it, so that what is hard for both does
    not count as a difference (Efron & Tibshirani 1993, An Introduction to the Bootstrap, 13.3; for κ, Vanbelle & Albert
    2008, Statistica Neerlandica 62). A bootstrap knows no change that it has not seen: two made-up items stand beside,
    on one of which only the first judge is right, on the other only the second (as Agresti & Min 2005 do for shares).
    """
    places = {label: place for place, label in enumerate(labels)}
    at = np.array([[places[word] for word in item] for item in words])
    if not len(at):
        return None
    where = positions(clusters, len(at))
    n, disagreement = int(where.max()) + 1, apart(len(labels), weights)
    observed = [_tables(at, judge, where, n, len(labels)) for judge in (1, 2)]
    first, second = (float(_kappas(tables.sum(0)[None], disagreement)[0]) for tables in observed)
    if n < 2 or not np.isfinite([first, second]).all():
        return None
    made_up = _made_up(at[:, 0])
    beside = [_tables(made_up, judge, np.arange(2), 2, len(labels)) for judge in (1, 2)]
    with_them = [np.concatenate([seen, more]) for seen, more in zip(observed, beside, strict=True)]
    moved = np.concatenate(
        [
            _kappas(drawn @ with_them[1], disagreement) - _kappas(drawn @ with_them[0], disagreement)
            for drawn in draws(n + 2)
        ]
    )
    low, high = np.quantile(moved[np.isfinite(moved)], [0.025, 0.975])
    value = second - first
    return KappaDifference(first, second, min(float(low), value), max(float(high), value), n)


def _tables(at: np.ndarray, judge: int, where: np.ndarray, n: int, k: int) -> Numbers:
    """For each cluster how often people said one word and the judge another: of shape (clusters, labels²)."""
    cells = where * k * k + at[:, 0] * k + at[:, judge]
    return np.bincount(cells, minlength=n * k * k).reshape(n, k * k).astype(float)


def _kappas(tables: Numbers, disagreement: Numbers) -> Numbers:
    """κ of each table of counts, of shape (tables,); not a number where it has no meaning."""
    k = len(disagreement)
    shares = tables.reshape(-1, k, k) / tables.sum(1)[:, None, None]
    seen = (shares * disagreement).sum((1, 2))
    chance = np.einsum("ti,ij,tj->t", shares.sum(2), disagreement, shares.sum(1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 - seen / chance)


def _made_up(people: np.ndarray) -> np.ndarray:
    """Two items with people's most frequent word, on each of which one of the judges says the next frequent one."""
    usual, *others = [word for word, _ in Counter(people.tolist()).most_common(2)]
    other = others[0] if others else int(not usual)
    return np.array([[usual, usual, other], [usual, other, usual]])
