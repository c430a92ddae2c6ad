"""Agreement by the scale of a rubric: points are weighted by the square of their distance, labels are alike or not."""

from __future__ import annotations

from collections.abc import Sequence

from evals.grading import Grader
from evals.reviewing.words import keys_of
from evals.statistics.agreement import Agreement, Weights, agreement, several_raters
from evals.statistics.intervals import Estimate


def agreement_by(
    grader: Grader,
    pairs: Sequence[tuple[str, str]],
    clusters: Sequence[str] | None = None,
    *,
    weights: Weights | None = None,
) -> Agreement | None:
    """Of two raters' words; `weights` other than those of the scale may be named. None for no pairs."""
    usual: Weights = "quadratic" if grader.has_points else "none"
    return agreement(pairs, labels=keys_of(grader), weights=weights or usual, clusters=clusters)


def alpha_of(grader: Grader, words: Sequence[Sequence[str]]) -> Estimate | None:
    """Krippendorff's alpha of several words on each answer. None for no answers."""
    if not words:
        return None
    if grader.has_points:
        return several_raters(words, labels=keys_of(grader), level="interval")
    return several_raters(words, labels=keys_of(grader), level="nominal")
