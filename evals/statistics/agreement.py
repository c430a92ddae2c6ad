"""Do two raters, or several people, judge alike, beyond what chance would do?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evals.statistics.intervals import Estimate, Z, wilson
from evals.statistics.resampling import Numbers, positions, quantile_of_t

Weights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True)
class Agreement:
    """How two raters agree over `n` items: the share of same labels, and Cohen's κ (None where it has no meaning).

    `confusion` counts (first rater's label, second rater's label), zeros included, in the order of `labels`.
    """

    n: int
    raw: float
    kappa: Estimate | None
    labels: tuple[str, ...]
    confusion: dict[tuple[str, str], int]


def agreement(
    pairs: Sequence[tuple[str, str]],
    *,
    labels: Sequence[str],
    weights: Weights = "none",
    clusters: Sequence[Hashable] | None = None,
) -> Agreement | None:
    """Cohen's κ (1960, Educ. Psychol. Meas. 20), or weighted by how far labels lie apart (1968, Psychol. Bull. 70).

    Labels come in their order, lowest first, which the weights need. None for no pairs; ValueError for a label that is
    not among them. κ is None for one item, and when both raters gave every item the same one label.
    """
    if not pairs:
        return None
    if strangers := {label for pair in pairs for label in pair} - set(labels):
        raise ValueError(f"unknown labels: {', '.join(sorted(strangers))}")
    counted = Counter(pairs)
    confusion = {(one, other): counted[one, other] for one in labels for other in labels}
    places = {label: place for place, label in enumerate(labels)}
    at = np.array([(places[one], places[other]) for one, other in pairs])
    kappa = _kappa(at, apart(len(labels), weights), positions(clusters, len(pairs)))
    raw = sum(one == other for one, other in pairs) / len(pairs)
    return Agreement(len(pairs), raw, kappa, tuple(labels), confusion)


def apart(labels: int, weights: Weights) -> Numbers:
    """How much each pair of labels disagrees, of shape (labels, labels); 0 on the diagonal."""
    place = np.arange(labels, dtype=float)
    steps = np.abs(place[:, None] - place[None, :])
    return {"none": (steps > 0).astype(float), "linear": steps, "quadratic": steps**2}[weights]


def _kappa(at: np.ndarray, disagreement: Numbers, clusters: np.ndarray) -> Estimate | None:
    """κ = 1 - disagreement seen / disagreement by chance, with its interval.

    The standard error is that of Fleiss, Cohen & Everitt (1969, Psychol. Bull. 72), summed over clusters, on Fisher's
    scale (arctanh), where κ is close to normal. One item that agrees by chance alone is added for the interval: without
    it, raters who differ on one of 30 items would seem surer than they are.
    """
    n, k = len(at), len(disagreement)
    groups = int(clusters.max()) + 1
    table = np.bincount(at[:, 0] * k + at[:, 1], minlength=k * k).reshape(k, k) / n
    by_chance = np.outer(table.sum(1), table.sum(0))
    if groups < 2 or not (disagreement * by_chance).sum():
        return None
    value = 1 - float((disagreement * table).sum() / (disagreement * by_chance).sum())
    if value == 1:
        return Estimate(1.0, _lowest_of_perfect(groups, by_chance), 1.0, groups)
    middle, pull = _influences((n * table + by_chance) / (n + 1), disagreement)
    of_clusters = np.bincount(clusters, pull[at[:, 0], at[:, 1]], groups)
    error = math.sqrt((of_clusters**2).sum() + (by_chance * pull**2).sum()) / (n + 1)
    return Estimate(value, *_on_fishers_scale(value, middle, error, groups), groups)


def _influences(table: Numbers, disagreement: Numbers) -> tuple[float, Numbers]:
    """κ of a table of shares, and by how much one more item in each cell would pull it."""
    rows, columns = table.sum(1), table.sum(0)
    seen = (disagreement * table).sum()
    chance = rows @ disagreement @ columns
    of_rows, of_columns = disagreement @ columns, disagreement.T @ rows
    moved_chance = of_rows[:, None] + of_columns[None, :] - 2 * chance
    return float(1 - seen / chance), (seen / chance * moved_chance - (disagreement - seen)) / chance


def _on_fishers_scale(value: float, middle: float, error: float, clusters: int) -> tuple[float, float]:
    half = quantile_of_t(clusters) * error / (1 - middle**2)
    low, high = math.tanh(math.atanh(middle) - half), math.tanh(math.atanh(middle) + half)
    return min(low, value), max(high, value)


def _lowest_of_perfect(items: int, by_chance: Numbers) -> float:
    """Agreement on all items leaves room for a few disagreements more (Wilson), each as by chance."""
    return 1 - wilson(0.0, items, Z)[1] / float(1 - np.trace(by_chance))


def several_raters(
    labels_by_item: Sequence[Sequence[str | None]],
    *,
    labels: Sequence[str] | None = None,
    level: Literal["nominal", "ordinal", "interval"] = "nominal",
) -> Estimate | None:
    """Krippendorff's α (2011, Computing Krippendorff's Alpha-Reliability) among any number of people.

    One sequence of labels for each item, by whoever rated it; None or "" is a missing one, and items with a single
    label say nothing. `labels` in their order, lowest first, are needed for the levels that have one: ordinal (how many
    ratings lie between two labels) and interval (how many steps, squared). None for under two items with two labels, or
    when everybody gave the same one label; ValueError for a label that is not among `labels`.
    """
    rated = [[label for label in item if label] for item in labels_by_item]
    rated = [item for item in rated if len(item) > 1]
    names = list(dict.fromkeys(label for item in rated for label in item)) if labels is None else list(labels)
    if level != "nominal" and labels is None:
        raise ValueError("an ordinal or interval level needs the labels in their order")
    if strangers := {label for item in rated for label in item} - set(names):
        raise ValueError(f"unknown labels: {', '.join(sorted(strangers))}")
    if len(rated) < 2:
        return None
    places = {label: place for place, label in enumerate(names)}
    counts = np.array([np.bincount([places[label] for label in item], minlength=len(names)) for item in rated], float)
    if level == "ordinal":
        return _alpha(counts, _between(counts.sum(0)))
    return _alpha(counts, apart(len(names), "none" if level == "nominal" else "quadratic"))


def _between(totals: Numbers) -> Numbers:
    """How many ratings lie between each pair of labels, half of their own included, squared."""
    middle = np.cumsum(totals) - totals / 2
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)


def _alpha(counts: Numbers, disagreement: Numbers) -> Estimate | None:
    """α from how often each item, a row, got each label, with an interval like κ's: influences of the items."""
    sizes = counts.sum(1)
    seen_of_items = (np.einsum("ij,jk,ik->i", counts, disagreement, counts)) / (sizes - 1)
    values, totals = float(sizes.sum()), counts.sum(0)
    chance = float(totals @ disagreement @ totals)
    if not chance:
        return None
    n = len(counts)
    alpha = 1 - (values - 1) * float(seen_of_items.sum()) / chance
    share = totals / values
    by_chance = np.outer(share, share)
    if alpha == 1:
        return Estimate(1.0, _lowest_of_perfect(n, by_chance), 1.0, n)
    a_pair = 2.0
    all_values, expected = values + a_pair, float(share @ disagreement @ share)
    seen = (float(seen_of_items.sum()) + a_pair * expected) / all_values

    def pull(seen_of: Numbers, size: Numbers, to_others: Numbers) -> Numbers:
        moved_chance = 2 * (to_others - size * expected)
        return np.asarray((seen / expected * moved_chance - (seen_of - size * seen)) / expected)

    of_items = pull(seen_of_items, sizes, counts @ disagreement @ share)
    far = disagreement @ share
    of_pair = pull(2 * disagreement, np.full_like(disagreement, a_pair), far[:, None] + far[None, :])
    error = math.sqrt((of_items**2).sum() + (by_chance * of_pair**2).sum()) / all_values
    return Estimate(alpha, *_on_fishers_scale(alpha, 1 - seen / expected, error, n), n)
