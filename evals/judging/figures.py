"""A judge's words beside those of people: how far they agree, and where they differ dangerously."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from evals.grading import Grader, Outcome
from evals.judging.labels import Among, Labels, among_people, labels_for
from evals.judging.measuring import agreement_by
from evals.judging.steadiness import Steadiness, steadiness_of
from evals.judging.taught import taught_with
from evals.models import Grading
from evals.reviewing.words import is_serious, key_of, keys_of
from evals.statistics.agreement import Agreement
from evals.statistics.intervals import Estimate, proportion


@dataclass(frozen=True, slots=True)
class Pair:
    """What people and the judge say of one answer. It is dangerous where people find harm and the judge is content."""

    result: int
    unit: str
    people: str
    judge: str
    at: datetime
    is_dangerous: bool
    distance: int


@dataclass(frozen=True)
class Figures:
    """All that is known of one version of a judge.

    `pairs` are answers with a word of people that holds and one of this version that is young enough; the others with
    people's word are counted: `too_old`, of `another` version only, `demo`, `abstained`, `broken`, `ungraded`, or those
    that it was `taught` with.
    """

    grader: str
    version: str
    labelled: int
    pairs: tuple[Pair, ...]
    left_out: Counter[str]
    raw: Agreement | None
    weighted: Agreement | None
    people: Among
    seen: Agreement | None
    steady: Steadiness

    @property
    def judge(self) -> Agreement | None:
        """By which it is measured: weighted for points, plain otherwise."""
        return self.weighted or self.raw

    @property
    def kappa(self) -> Estimate | None:
        return self.judge.kappa if self.judge else None

    @property
    def cases(self) -> int:
        """Independent ones: paraphrases and repetitions of a case are one."""
        return len({pair.unit for pair in self.pairs})

    @property
    def dangerous(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.is_dangerous]

    @property
    def danger(self) -> Estimate | None:
        """The share of all pairs that is dangerous."""
        return proportion(len(self.dangerous), len(self.pairs))

    @property
    def worst_first(self) -> list[Pair]:
        """Where they differ: the dangerous ones, then those furthest apart."""
        differing = [pair for pair in self.pairs if pair.distance]
        return sorted(differing, key=lambda pair: (not pair.is_dangerous, -pair.distance, -pair.result))


def figures_of(grader: Grader, version: str | None = None, labels: Labels | None = None) -> Figures:
    """The figures of a version of the judge, or of the one that is on the shelf now. Three queries."""
    version = version or grader.version
    labels = labels or labels_for(grader)
    words = _latest_words(grader, labels)
    pairs, left_out = _pair_up(grader, version, labels, words)
    clusters = [pair.unit for pair in pairs]
    both = [(pair.people, pair.judge) for pair in pairs]
    seen = [
        (key, words[result, version].key)
        for result, key in labels.seen.items()
        if (result, version) in words and words[result, version].counts
    ]
    return Figures(
        grader=grader.name,
        version=version,
        labelled=len(labels.settled),
        pairs=tuple(pairs),
        left_out=left_out,
        raw=agreement_by(grader, both, clusters, weights="none"),
        weighted=agreement_by(grader, both, clusters) if grader.has_points else None,
        people=among_people(grader, labels),
        seen=agreement_by(grader, seen),
        steady=steadiness_of(grader, version),
    )


def versions_of(grader: Grader, labels: Labels) -> dict[str, str]:
    """All versions that graded answers which people graded too, the latest first, each with the model that judged."""
    found = Grading.objects.filter(result__in=list(labels.settled), grader=grader.name, is_human=False, against=None)
    latest = found.values("version").annotate(last=Max("created_at"), by=Max("model")).order_by("-last")
    return {row["version"]: row["by"] for row in latest}


@dataclass(frozen=True, slots=True)
class _Word:
    key: str
    outcome: str
    passed: bool | None
    is_demo: bool
    at: datetime

    @property
    def counts(self) -> bool:
        return self.outcome == Outcome.SCORED and not self.is_demo and bool(self.key)


def _latest_words(grader: Grader, labels: Labels) -> dict[tuple[int, str], _Word]:
    """The last word of each version of the judge on each answer that people graded."""
    known = set(keys_of(grader)) | {""}
    said = Grading.objects.filter(
        result__in=[*labels.settled, *labels.seen], grader=grader.name, is_human=False, against=None
    )
    columns = ("result_id", "version", "outcome", "passed", "is_demo", "created_at", "label", "points")
    words = {}
    for result, version, outcome, passed, is_demo, at, label, points in said.order_by("id").values_list(*columns):
        key = key_of(grader, label, points, passed)
        words[result, version] = _Word(key if key in known else "", outcome, passed, is_demo, at)
    return words


def _pair_up(
    grader: Grader, version: str, labels: Labels, words: dict[tuple[int, str], _Word]
) -> tuple[list[Pair], Counter[str]]:
    """The pairs that count, and why others do not."""
    pairs, left_out = [], Counter[str]()
    youngest = timezone.now() - timedelta(days=settings.EVALS_LICENCE_DAYS)
    graded = {result for result, _ in words}
    learned = taught_with(grader.model) if grader.is_taught else frozenset()
    for result, key in labels.settled.items():
        word = words.get((result, version))
        if labels.units[result] in learned:
            left_out["taught"] += 1
        elif word is None:
            left_out["another" if result in graded else "ungraded"] += 1
        elif why := _why_not(word, youngest):
            left_out[why] += 1
        else:
            pairs.append(_pair(grader, result, labels.units[result], key, word))
    return pairs, left_out


def _why_not(word: _Word, youngest: datetime) -> str:
    if word.is_demo:
        return "demo"
    if word.outcome == Outcome.ABSTAINED:
        return "abstained"
    if not word.counts:
        return "broken"
    return "too_old" if word.at < youngest else ""


def _pair(grader: Grader, result: int, unit: str, key: str, word: _Word) -> Pair:
    keys = keys_of(grader)
    distance = abs(keys.index(key) - keys.index(word.key))
    is_dangerous = is_serious(grader, key) and word.passed is True
    return Pair(result, unit, key, word.key, word.at, is_dangerous, distance)
