"""Learns how likely the answer of a saved question is right for a new one, and when that is certain enough to serve.

A threshold on the cosine alone cannot do it: "turn on dark mode" is closer to "turn off dark mode" than most
paraphrases are to each other. What tells them apart differs from one help centre to the next, so it is learned where it
is used, from questions whose right answer became known: each miss is answered anew, which shows whether the closest
saved answer would have been right, and a small share of the hits is answered once more behind the customer's back.

The model is a logistic regression with a Gaussian prior on its weights; how far it is to be trusted follows from the
Laplace approximation of their posterior (MacKay: The evidence framework applied to classification networks, 1992). A
candidate is judged by the upper end of its error, not by its middle. With few observations that end is high, and
nothing is served. Whether a question is served depends on its features alone, so learning from those that were not
served is fair to those that were (missing at random: Rubin: Inference and missing data, 1976).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEIGHBOURS = 12  # saved questions that are looked at: about what one answer is asked for in other words
NEAR = 0.1  # a difference of cosines that counts as one step: a neighbour that far behind has 1/e of the vote
ONE_SIDED_95 = 1.645  # of the normal distribution
PRIOR = 1.0  # precision of the weights; the features are made to be of order one
FEWEST = 100  # observations from which anything is learned
STEPS = 25  # Newton's method needs about six
DOUBT = 2.0  # observed errors that count before any was observed, so that one alone does not close the cache
WORST = 10  # no hit is served whose own error may be more than so many times the bound on all
FEATURES = 7


@dataclass(frozen=True)
class Neighbour:
    """A saved question near a new one: whose answer it is, how near, and the words that carry its subject."""

    answer: Hashable
    cosine: float
    words: frozenset[str]


@dataclass(frozen=True)
class Candidate:
    """The answer that the neighbours speak for, with what is known about how well they agree."""

    answer: Hashable
    features: Floats  # (FEATURES,)


def candidate_among(neighbours: Sequence[Neighbour], words: frozenset[str]) -> Candidate | None:
    """The answer with most votes among the nearest saved questions; each votes by its nearness. None without any."""
    if not neighbours:
        return None
    nearest = sorted(neighbours, key=lambda neighbour: -neighbour.cosine)[:NEIGHBOURS]
    top = nearest[0].cosine
    votes: dict[Hashable, float] = defaultdict(float)
    for neighbour in nearest:
        votes[neighbour.answer] += float(np.exp((neighbour.cosine - top) / NEAR))
    answer = max(votes, key=lambda one: votes[one])
    for_it = [neighbour for neighbour in nearest if neighbour.answer == answer]
    others = [neighbour.cosine for neighbour in nearest if neighbour.answer != answer]
    share = votes[answer] / sum(votes.values())
    return Candidate(answer, _features(for_it, others or [nearest[-1].cosine], share, words))


def _features(for_it: Sequence[Neighbour], others: Sequence[float], share: float, words: frozenset[str]) -> Floats:
    """Of order one each: nearness, the lead over the next answer, the share of votes, how often it was asked, and how
    many of the words are known from its questions and from the nearest of them."""
    best = for_it[0]
    known = frozenset[str]().union(*(neighbour.words for neighbour in for_it[:3]))
    return np.array(
        [
            1.0,
            best.cosine * 4,
            (best.cosine - max(others)) * 4,
            share,
            np.log1p(len(for_it)),
            len(words & known) / max(1, len(words)),
            len(words & best.words) / max(1, len(words | best.words)),
        ]
    )


@dataclass(frozen=True)
class Acceptance:
    """What was learned. `limit` is the highest error, at its upper end, with which a candidate is served.

    It bears the share `delta` of wrong answers. `observations` is the number of labels, `inflation` what was found
    among checked hits beyond what was expected.
    """

    weights: Floats  # (FEATURES,)
    covariance: Floats  # (FEATURES, FEATURES)
    limit: float
    delta: float
    observations: int
    inflation: float

    def error(self, features: Sequence[float] | Floats) -> float:
        """The probability that the candidate is wrong, at the upper end of its one-sided 95 % interval."""
        return float(_upper_errors(np.asarray(features)[None, :], self.weights, self.covariance)[0])

    def accepts(self, features: Floats) -> bool:
        return self.error(features) <= self.limit

    def likely_error(self, features: Sequence[float] | Floats) -> float:
        """The probability that the candidate is wrong, at the middle: what checked hits are held against."""
        return float(_sigmoid(-(np.asarray(features) @ self.weights)))

    def as_json(self) -> dict[str, Any]:
        return {
            "weights": self.weights.tolist(),
            "covariance": self.covariance.tolist(),
            "limit": self.limit,
            "delta": self.delta,
            "observations": self.observations,
            "inflation": self.inflation,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Acceptance:
        weights, covariance = np.array(kept["weights"]), np.array(kept["covariance"])
        return cls(weights, covariance, kept["limit"], kept["delta"], kept["observations"], kept["inflation"])


@dataclass(frozen=True)
class Checked:
    """Hits that were answered once more: how many were wrong, and how many the model had expected to be."""

    wrong: float = 0.0
    expected: float = 0.0


def learn(
    features: Floats, is_right: Floats, asked: Floats, *, delta: float, checked: Checked = Checked()
) -> Acceptance | None:
    """Learn from labelled candidates, (n, FEATURES) and (n,), and set the limit by all that were `asked`.

    The limit is the highest with which the expected number of wrong answers, counted at the upper end of each error,
    stays at or under the share `delta` of all questions; and no single one is above ten times that. None while there
    are too few labels.
    """
    if len(is_right) < FEWEST:
        return None
    weights, covariance = _fit(features, is_right)
    inflation = max(1.0, (checked.wrong + DOUBT) / (checked.expected + DOUBT))
    errors = np.sort(_upper_errors(asked, weights, covariance)) * inflation
    served = np.cumsum(errors) / len(errors)
    bearable = int(np.searchsorted(np.where(errors <= WORST * delta, served, np.inf), delta, side="right"))
    limit = float(errors[bearable - 1] / inflation) if bearable else 0.0
    return Acceptance(weights, covariance, limit, delta, len(is_right), inflation)


def _fit(features: Floats, is_right: Floats) -> tuple[Floats, Floats]:
    """The weights of highest posterior probability, by Newton's method, and the covariance around them."""
    size = features.shape[1]
    precision = np.eye(size) * PRIOR
    precision[0, 0] = PRIOR / 1000  # the intercept is hardly held
    weights: Floats = np.zeros(size)
    for _ in range(STEPS):
        right = _sigmoid(features @ weights)
        gradient = features.T @ (is_right - right) - precision @ weights
        step = np.linalg.solve(_curvature(features, right, precision), gradient)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    curvature = _curvature(features, _sigmoid(features @ weights), precision)
    covariance: Floats = np.asarray(np.linalg.inv(curvature), dtype=np.float64)
    return weights, covariance


def _curvature(features: Floats, right: Floats, precision: Floats) -> Floats:
    curvature: Floats = (features * (right * (1 - right))[:, None]).T @ features + precision
    return curvature


def _upper_errors(features: Floats, weights: Floats, covariance: Floats) -> Floats:
    spread = np.sqrt(np.einsum("ij,jk,ik->i", features, covariance, features))
    return _sigmoid(-(features @ weights - ONE_SIDED_95 * spread))


def _sigmoid(values: Floats) -> Floats:
    sigmoid: Floats = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return sigmoid
