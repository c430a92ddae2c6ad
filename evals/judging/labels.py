"""What people said of answers by a judge's rubric: the word that holds, and how far they agree among themselves.

A word is blind when it was said in the review queue, where nobody sees the judge's. Only blind words decide what a
judge may be used for; a word said with the judge's before one's eyes leans towards it, or against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q

from evals.grading import Grader
from evals.judging.measuring import agreement_by, alpha_of
from evals.models import Grading, Review
from evals.reviewing.words import key_of, keys_of
from evals.statistics.agreement import Agreement
from evals.statistics.intervals import Estimate


@dataclass(frozen=True)
class Labels:
    """Blind words of people on answers, by a rubric.

    `settled` has the word that holds, by answer: of two people alike, or of the third where they differed. `said` has
    the words of those who did not see each other's, `seen` the last word said by somebody who knew the judge's, and
    `units` what counts as one independent case.
    """

    settled: dict[int, str]
    said: dict[int, list[str]]
    seen: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Among:
    """How far people agree: the first two of each answer, and all of them by Krippendorff's alpha."""

    agreement: Agreement | None
    alpha: Estimate | None

    @property
    def kappa(self) -> Estimate | None:
        return self.agreement.kappa if self.agreement else None


def labels_for(grader: Grader) -> Labels:
    """All words of people by this rubric. One query."""
    found = Labels({}, defaultdict(list))
    for result, key, settles, state, unit in _words(grader):
        found.units[result] = unit
        if state is None:
            found.seen[result] = key
            continue
        if not settles:
            found.said[result].append(key)
        if state == Review.State.SETTLED:
            found.settled[result] = key  # of two alike either, of three the last one, which settles
    return found


def among_people(grader: Grader, labels: Labels) -> Among:
    """The agreement of people with one another. For points it is weighted: 4 and 5 are closer than 1 and 5."""
    several = {result: words for result, words in labels.said.items() if len(words) > 1}
    pairs = [(words[0], words[1]) for words in several.values()]
    clusters = [labels.units[result] for result in several]
    return Among(agreement_by(grader, pairs, clusters), alpha_of(grader, list(several.values())))


def _words(grader: Grader) -> Iterator[tuple[int, str, bool, str | None, str]]:
    columns = ("result_id", "label", "points", "passed", "settles", "review__state")
    unit = ("result__case__key", "result__case__content__cluster")
    counts = Q(review__isnull=False) | Q(is_current=True)  # a word said elsewhere can be taken back
    said = Grading.objects.filter(counts, grader=grader.name, is_human=True, outcome="scored", against=None)
    known = set(keys_of(grader))
    for result, label, points, passed, settles, state, name, cluster in said.order_by("id").values_list(
        *columns, *unit
    ):
        if (key := key_of(grader, label, points, passed)) in known:
            yield result, key, settles, state, cluster or name or f"turn-{result}"
