"""Made-up trials whose truth is known, and the truth of a threshold on them."""

from __future__ import annotations

import numpy as np

from evals.routing.trials import Trial

Random = np.random.Generator
STRONG, SMALL = 6_000.0, 300.0
RIGHT_STRONG = np.array([0.98, 0.93, 0.80])  # easy, medium, hard
RIGHT_SMALL = np.array([0.93, 0.55, 0.15])
EASY_SEEN = np.array([0.8, 0.5, 0.2])  # the middle of the ease


def trials(n: int, random: Random, *, caught: float = 0.8) -> list[Trial]:
    """Questions of three kinds; of the small model's wrong answers a share is caught, of its right ones 2 %."""
    kind = random.choice(3, n, p=[0.6, 0.3, 0.1])
    ease = np.clip(EASY_SEEN[kind] + random.normal(0, 0.15, n), 0, 1)
    is_strong_right, is_small_right = random.random((2, n)) < np.stack([RIGHT_STRONG[kind], RIGHT_SMALL[kind]])
    holds = random.random(n) > np.where(is_small_right, 0.02, caught)
    lost = is_strong_right.astype(float) - is_small_right
    rows = zip(ease, random.random(n) > 0.05, holds, lost, strict=True)
    return [Trial(float(e), bool(may), bool(h), float(x), SMALL, STRONG) for e, may, h, x in rows]


def alike_in_clusters(n: int, random: Random) -> list[Trial]:
    """Clusters of 1 to 4 questions that all lose, all gain, or all stay as they are."""
    sizes = random.integers(1, 5, n)
    fates = random.choice([0.0, 1.0, -1.0], n, p=[0.88, 0.08, 0.04])
    return [
        Trial(0.5, True, True, float(fate), SMALL, STRONG, cluster=f"c{number}")
        for number, (size, fate) in enumerate(zip(sizes, fates, strict=True))
        for _ in range(size)
    ]


def drawn_unequally(n: int, random: Random) -> list[Trial]:
    """Half of what is compared is of the hard kind, which is a fifth of what is asked: the weights put that right."""
    is_hard = random.random(n) < 0.5
    lost = np.where(random.random(n) < np.where(is_hard, 0.20, 0.02), 1.0, 0.0)
    weights = np.where(is_hard, 0.2, 0.8) / 0.5
    return [
        Trial(0.5, True, True, float(x), SMALL, STRONG, weight=float(w)) for x, w in zip(lost, weights, strict=True)
    ]
