"""Learns how likely the answer of a saved question is right for a new one, and when that is certain enough to serve.

A threshold on the cosine alone cannot do it: "turn on dark mode" is closer to "turn off dark mode" than most
paraphrases are to each other. What tells them apart differs from one help centre to the next, so it is learned where it
is used, from questions whose right answer became known: each miss is answered anew, which shows whether the closest
saved answer would have been right, and a small share of the hits is answered once more behind the customer's back.

The model is a logistic regression with a Gaussian prior on its weights; how far it is to be trusted follows from the
Laplace approximation of their posterior (MacKay: The evidence framework applied to classification networks, 1992). The
limit is set on the whole: of two hundred models drawn from the posterior, 95 % must expect no more wrong answers
than are borne. With few observations the draws differ widely, and little or nothing is served. Whether a question is
served depends on its features alone, so learning from those that were not served is fair to those that were (missing
at random: Rubin: Inference and missing data, 1976).

What is believed before anything was observed was fitted once to the pairs of questions in tests/chat/answer_cache,
which were made for this project, and counts as a fiftieth of them, about seven observations (a power prior: Ibrahim
and Chen: Power prior distributions for regression models, 2000).
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
CROWD = 5  # nearest questions by whose cosines it is told how crowded the place is
FEWEST = 20  # observations from which anything is learned
STEPS = 50  # Newton's method needs about six
CLOSE = 1e-6  # a step of the weights that changes nothing any more
# Errors that count as found, and as expected, before any was: at first it is held to be wrong twice as often as it
# believes, and one error alone does not close the cache.
DOUBTED, TRUSTED = 2.0, 1.0
WORST = 15  # no hit is served whose own error is likely to be more than so many times the bound on all
AROUND = 2  # times that: candidates whose errors are held against what was expected of them
DRAWS, SURE = 200, 0.95  # models drawn from the posterior, and the share of them that must hold the bound
LATEST = 4_000  # candidates by which the limit is set
# Each feature's weight before anything was observed, and how precisely it is known beside a prior of precision HELD.
BELIEVED = (
    (-8.8, 0.28),  # every candidate alike
    (2.0, 3.48),  # how near the best saved question is
    (1.1, 0.17),  # its lead over the next answer
    (0.1, 0.09),  # the answer's share of the votes
    (-1.2, 0.16),  # how often it was asked
    (0.7, 0.13),  # words that are known from its questions
    (0.8, 0.08),  # words that both share
    (0.2, 2.28),  # how crowded the place is
    (2.9, 0.21),  # nothing differs
    (-0.1, 0.0),  # what differs, differs among its questions too
    (-2.1, 0.04),  # words without a match
    (-0.3, 0.0),  # another kind of question
)
HELD = 0.5
FEATURES = len(BELIEVED)


@dataclass(frozen=True)
class Neighbour:
    """A saved question near a new one: whose answer it is, how near, and the words that carry its subject."""

    answer: Hashable
    cosine: float
    words: frozenset[str]


@dataclass(frozen=True)
class Candidate:
    """The answer that the neighbours speak for, with what is known about how well they agree.

    `features` are all but those of `chat.answer_cache.likeness`, which come behind them.
    """

    answer: Hashable
    features: Floats


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
    share = votes[answer] / sum(votes.values())
    return Candidate(answer, _features(nearest, answer, share, words))


def _features(nearest: Sequence[Neighbour], answer: Hashable, share: float, words: frozenset[str]) -> Floats:
    """Of order one each, in the order of BELIEVED."""
    for_it = [neighbour for neighbour in nearest if neighbour.answer == answer]
    others = [neighbour.cosine for neighbour in nearest if neighbour.answer != answer] or [nearest[-1].cosine]
    best = for_it[0]
    known = frozenset[str]().union(*(neighbour.words for neighbour in for_it[:3]))
    crowd = [neighbour.cosine for neighbour in nearest[:CROWD]]
    return np.array(
        [
            1.0,
            best.cosine * 4,
            (best.cosine - max(others)) * 4,
            share,
            np.log1p(len(for_it)),
            len(words & known) / max(1, len(words)),
            len(words & best.words) / max(1, len(words | best.words)),
            sum(crowd) / len(crowd) * 4,
        ]
    )


@dataclass(frozen=True)
class Acceptance:
    """What was learned. `limit` is the highest error with which a candidate is served.

    It bears the share `delta` of wrong answers. `observations` is the number of labels, `inflation` what was found
    beyond what was expected among candidates that were served or nearly so.
    """

    weights: Floats  # (FEATURES,)
    limit: float
    delta: float
    observations: int
    inflation: float

    def error(self, features: Sequence[float] | Floats) -> float:
        """The probability that the candidate is wrong."""
        return float(_sigmoid(-(np.asarray(features) @ self.weights)))

    def accepts(self, features: Sequence[float] | Floats) -> bool:
        return self.error(features) <= self.limit

    def as_json(self) -> dict[str, Any]:
        return {
            "weights": self.weights.tolist(),
            "limit": self.limit,
            "delta": self.delta,
            "observations": self.observations,
            "inflation": self.inflation,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Acceptance | None:
        """None for what an earlier version learned from other features."""
        weights = np.array(kept["weights"])
        if len(weights) != FEATURES:
            return None
        return cls(weights, kept["limit"], kept["delta"], kept["observations"], kept["inflation"])


@dataclass(frozen=True)
class Checked:
    """Candidates of which an error was expected, and whose true answer became known later.

    Only those count that were served or nearly so, by `is_around`.
    """

    wrong: float = 0.0
    expected: float = 0.0


def is_around(expected: float, delta: float) -> bool:
    """Whether a candidate of this expected error may be served some day where the share `delta` is borne."""
    return expected <= AROUND * WORST * delta


def learn(
    features: Floats,
    is_right: Floats,
    asked: Floats,
    *,
    questions: int,
    delta: float,
    checked: Checked = Checked(),
) -> Acceptance | None:
    """Learn from labelled candidates, (n, FEATURES) and (n,), and set the limit by those that were `asked`.

    `asked` are the candidates of all `questions` that nothing forbids, the latest last. The limit is the highest with
    which no more than the share `delta` of the questions gets a wrong answer, and no single one of a likely error above
    fifteen times that. None while there are too few labels.
    """
    if len(is_right) < FEWEST:
        return None
    weights, covariance = _fit(features, is_right)
    inflation = max(1.0, (checked.wrong + DOUBTED) / (checked.expected + TRUSTED))
    latest = asked[-LATEST:]
    bearable = delta * questions * len(latest) / max(1, len(asked)) / inflation
    limit = _limit(latest, weights, covariance, bearable=bearable, worst=WORST * delta)
    return Acceptance(weights, limit, delta, len(is_right), inflation)


def _limit(asked: Floats, weights: Floats, covariance: Floats, *, bearable: float, worst: float) -> float:
    """The highest error up to which the candidates together bring no more than `bearable` wrong answers."""
    errors = _sigmoid(-(asked @ weights))
    order = np.argsort(errors)
    order = order[errors[order] <= worst]
    drawn = np.random.default_rng(0).multivariate_normal(weights, covariance, DRAWS)
    together = np.cumsum(_sigmoid(-(asked[order] @ drawn.T)), axis=0)
    served = int(np.searchsorted(np.quantile(together, SURE, axis=1), bearable, side="right")) if len(order) else 0
    return float(errors[order[served - 1]]) if served else 0.0


def _fit(features: Floats, is_right: Floats) -> tuple[Floats, Floats]:
    """The weights of highest posterior probability, by Newton's method, and the covariance around them.

    A step that overshoots is halved until it leads uphill.
    """
    believed, known = np.array(BELIEVED).T
    precision: Floats = np.diag(known + HELD)
    weights: Floats = believed.copy()
    for _ in range(STEPS):
        right = _sigmoid(features @ weights)
        gradient = features.T @ (is_right - right) - precision @ (weights - believed)
        step = np.linalg.solve(_curvature(features, right, precision), gradient)
        before = _loss(features, is_right, weights, precision)
        while np.abs(step).max() > CLOSE and _loss(features, is_right, weights + step, precision) > before:
            step /= 2
        weights = weights + step
        if np.abs(step).max() <= CLOSE:
            break
    curvature = _curvature(features, _sigmoid(features @ weights), precision)
    return weights, np.asarray(np.linalg.inv(curvature), dtype=np.float64)


def _loss(features: Floats, is_right: Floats, weights: Floats, precision: Floats) -> float:
    """The negative logarithm of the posterior probability, but for a constant."""
    scores, apart = features @ weights, weights - np.array(BELIEVED)[:, 0]
    return float(np.sum(np.logaddexp(0, scores) - is_right * scores) + apart @ precision @ apart / 2)


def _curvature(features: Floats, right: Floats, precision: Floats) -> Floats:
    curvature: Floats = (features * (right * (1 - right))[:, None]).T @ features + precision
    return curvature


def _sigmoid(values: Floats) -> Floats:
    sigmoid: Floats = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return sigmoid
