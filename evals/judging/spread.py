"""How a judge's words are spread over all the answers that it has graded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from evals.grading import Grader, Outcome
from evals.models import Grading
from evals.reviewing.words import key_of, keys_of


@dataclass(frozen=True)
class Spread:
    """How often the version that is on the shelf said each of its words, and how often it said nothing or broke."""

    words: tuple[tuple[str, int], ...]
    abstained: int
    broken: int
    demo: int

    @property
    def all(self) -> int:
        return sum(count for _, count in self.words)


def spread_of(grader: Grader) -> Spread:
    """One query. What the demo model said is counted apart."""
    said = Grading.objects.by_machines().filter(grader=grader.name, version=grader.version)
    columns = ("is_demo", "outcome", "label", "points", "passed")
    count: Counter[str] = Counter()
    for is_demo, outcome, label, points, passed, n in said.values_list(*columns).annotate(n=Count("pk")).order_by():
        if is_demo:
            count["demo"] += n
        elif outcome != Outcome.SCORED:
            count[outcome] += n
        else:
            count[f"word {key_of(grader, label, points, passed)}"] += n
    words = tuple((key, count[f"word {key}"]) for key in keys_of(grader))
    return Spread(words, count[Outcome.ABSTAINED], count[Outcome.FAILED], count["demo"])
