"""The real turns to look at first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from evals.graders import GRADERS
from evals.models import Grading, Result, Run
from evals.models.runs import ResultQuerySet
from evals.online.sampling import DOWN
from evals.online.scores import LATELY

SHOWN = 20


@dataclass(frozen=True)
class Bad:
    """A turn with what speaks against it: graders' titles with their reasons, and whether the customer disliked it."""

    result: Result
    against: tuple[tuple[str, str], ...]
    is_disliked: bool


def worst_turns(results: ResultQuerySet) -> list[Bad]:
    """Of the last days, among results that somebody may see: hard failures, then what rules and customers disliked."""
    since = timezone.now() - timedelta(days=LATELY)
    lately = results.filter(run__trigger=Run.Trigger.ONLINE, created_at__gte=since)
    disliked = Q(reply__feedback__verdict=DOWN)
    bad = lately.filter(Q(is_hard_failure=True) | Q(passed=False) | disliked).annotate(is_disliked=disliked)
    rows = list(bad.without_answers().order_by("-is_hard_failure", "passed", "-id")[:SHOWN])
    against = _against(rows)
    return [Bad(row, tuple(against[row.pk]), getattr(row, "is_disliked", None) is True) for row in rows]


def _against(rows: Sequence[Result]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    said = Grading.objects.filter(result__in=[row.pk for row in rows], passed=False, is_demo=False).by_machines()
    for result, name, reason in said.order_by("id").values_list("result_id", "grader", "reason"):
        found[result].append((GRADERS[name].title if name in GRADERS else name, reason))
    return found
