"""Grades the real turns that were sampled: rules and measures all of them, judges as far as the day's money goes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from evals.graders import GRADERS
from evals.grading import Grader
from evals.models import Grading, Result, Run
from evals.online.sampling import DAYS_BACK, chance
from evals.running.grades import case_of, settle
from evals.running.marking import Marked, grading_of, mark
from llm.database import in_database

A_PASS = 200  # turns, so that a pass ends within the time limit of a task
NEEDS_AN_EXPECTATION = frozenset({"behaviour"})  # of a real turn nobody has said what it should have done


def graders() -> dict[str, Grader]:
    """Those that can say something about a turn of which nothing is expected but that it is good, judges last.

    The demo model is not asked: its words would decide nothing.
    """
    able = [one for one in GRADERS.values() if not (one.compares or one.is_demo or one.name in NEEDS_AN_EXPECTATION)]
    return {one.name: one for one in sorted(able, key=lambda one: one.kind == "judge")}


async def grade_pending(now: datetime | None = None) -> int:
    """Have all said that is due and missing; how many words came. Judges stop when the day's money is spent."""
    pending = await in_database(_pending, now or timezone.now())
    turns = asyncio.Semaphore(settings.EVALS_CONCURRENCY)

    async def grade(result: Result, missing: Sequence[Grader]) -> int:
        async with turns:
            return await _grade(result, missing)

    return sum(await asyncio.gather(*(grade(result, missing) for result, missing in pending)))


def spent_today() -> float:
    """US dollars for judges of real turns since midnight, as far as prices are known."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    said = Grading.objects.filter(result__run__trigger=Run.Trigger.ONLINE, is_human=False, created_at__gte=midnight)
    return (said.aggregate(total=Sum("cost_microdollars"))["total"] or 0) / 1_000_000


def money_is_left() -> bool:
    return bool(spent_today() < settings.EVALS_ONLINE_DAILY_USD)


def _pending(now: datetime) -> list[tuple[Result, list[Grader]]]:
    """Turns of the last days with the graders that have said nothing of them.

    What lacks rules first; then disliked ones; then by chance and not by time, so that it is a fair part that judges
    read when the money does not last for all.
    """
    since = now - timedelta(days=DAYS_BACK + 1)
    recent = Result.objects.filter(run__trigger=Run.Trigger.ONLINE, run__started_at__gte=since, error="")
    said = Grading.objects.filter(result__in=recent.values("pk")).by_machines()
    known = set(said.values_list("result_id", "grader"))
    shelf = [one for one in graders().values() if one.kind != "judge" or money_is_left()]
    pending = []
    for pk, turn, weight in recent.values_list("pk", "turn", "weight"):
        if missing := [one for one in shelf if (pk, one.name) not in known]:
            pending.append(((missing[0].kind == "judge", weight != 1, chance(turn)), pk, missing))
    first = {pk: missing for _, pk, missing in sorted(pending, key=lambda one: one[0])[:A_PASS]}
    rows = Result.objects.select_related("case").in_bulk(list(first))
    return [(rows[pk], missing) for pk, missing in first.items() if pk in rows]


async def _grade(result: Result, missing: Sequence[Grader]) -> int:
    """One after the other, judges while there is money."""
    case, answer, said = case_of(result), result.reading, []
    for grader in missing:
        if grader.kind != "judge" or await in_database(money_is_left):
            said.append(await mark(grader, case, answer, label="online"))
    await in_database(_store, result, said)
    return len(said)


@transaction.atomic
def _store(result: Result, said: Sequence[Marked]) -> None:
    """Unless another worker was quicker, the words; and what they make of the turn."""
    Result.objects.select_for_update(no_key=True).get(pk=result.pk)
    there = set(Grading.objects.filter(result=result).by_machines().values_list("grader", flat=True))
    Grading.objects.bulk_create(grading_of(one, result) for one in said if one.grader.name not in there)
    settle([result.pk])


def without_price() -> Iterator[str]:
    """The judges whose words cost something that nobody can count."""
    free = Grading.objects.filter(result__run__trigger=Run.Trigger.ONLINE, is_human=False, is_demo=False)
    said = free.filter(cost_microdollars=None, model__gt="")
    yield from said.order_by("grader").values_list("grader", flat=True).distinct()
