"""Is a judge's word the same when it is asked again, and is it taken in by length? From what probes have kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from evals.graders.pairwise import ALIKE, EMPTY, OTHER_EMPTY, TURNED
from evals.grading import Grader
from evals.judging.measuring import alpha_of
from evals.models import Grading, JudgeProbe
from evals.statistics.intervals import Estimate, mean, proportion

PLAIN, PADDED = 1, 2  # the rounds of a probe with padding


@dataclass(frozen=True)
class Steadiness:
    """What probes found of one version of a judge; None where it was not put to the probe.

    `same` is the share of pairs of repeats with the same word, `alpha` the same beyond chance. `padding` is the
    change of the score, from -1 to 1, when nothing is added to an answer but words; `flips` the share of comparisons
    that the order of the two answers decided.
    """

    same: Estimate | None = None
    alpha: Estimate | None = None
    padding: Estimate | None = None
    flips: Estimate | None = None
    repeats: JudgeProbe | None = None
    padded: JudgeProbe | None = None


def steadiness_of(grader: Grader, version: str) -> Steadiness:
    """From the latest probe of each kind. What the demo model said counts for nothing."""
    if grader.compares:
        return Steadiness(flips=_flips(grader, version))
    latest = {}
    for probe in JudgeProbe.objects.filter(grader=grader.name, version=version, is_demo=False).done().order_by("id"):
        latest[probe.kind] = probe
    repeats, padded = latest.get(JudgeProbe.Kind.REPEATS), latest.get(JudgeProbe.Kind.PADDING)
    return Steadiness(
        same=same_of(repeats.words) if repeats else None,
        alpha=_alpha(grader, repeats.words) if repeats else None,
        padding=padding_of(padded.words) if padded else None,
        repeats=repeats,
        padded=padded,
    )


def same_of(words: Iterable[dict[str, Any]]) -> Estimate | None:
    """The share of pairs of repeats that say the same, each answer counting as much as any other."""
    alike = [_share_alike(said) for said in _by_answer(words).values() if len(said) > 1]
    return mean(alike) if alike else None


def padding_of(words: Iterable[dict[str, Any]]) -> Estimate | None:
    """Padded minus plain: the mean difference of the scores."""
    scores: dict[int, dict[int, float]] = defaultdict(dict)
    for word in words:
        if word["score"] is not None:
            scores[word["result"]][word["round"]] = word["score"]
    differences = [score[PADDED] - score[PLAIN] for score in scores.values() if {PLAIN, PADDED} <= score.keys()]
    return mean(differences, scale=(-1.0, 1.0)) if differences else None


def _share_alike(said: list[str]) -> float:
    pairs = list(combinations(said, 2))
    return sum(a == b for a, b in pairs) / len(pairs)


def _alpha(grader: Grader, words: Iterable[dict[str, Any]]) -> Estimate | None:
    several = [said for said in _by_answer(words).values() if len(said) > 1]
    return alpha_of(grader, several)


def _by_answer(words: Iterable[dict[str, Any]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for word in words:
        if word["word"]:
            found[word["result"]].append(word["word"])
    return found


def _flips(grader: Grader, version: str) -> Estimate | None:
    """A judge that compares is asked in both orders, and its reason says where the order made the verdict."""
    said = Grading.objects.by_machines().filter(grader=grader.name, version=version, outcome="scored", is_demo=False)
    asked = said.exclude(reason__in=[ALIKE, OTHER_EMPTY, EMPTY])
    return proportion(asked.filter(reason__startswith=TURNED).count(), asked.count())
