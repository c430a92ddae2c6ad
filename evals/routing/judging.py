"""Has the judge compare both models' answers, as far as the day's money goes.

It compares the small model's with the strong one's, in both orders. Answers that the checks held back are never shown,
so no figure of quality needs a word on them: they come last, with what money is left, and tell whether the checks are
too strict. Within each kind the order is by chance, so that a part is a fair part of all.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.models import Route
from evals.answers import Answer
from evals.comparing.duels import judge_of_pairs
from evals.graders.pairwise import ALIKE
from evals.grading import Grader, Outcome
from evals.models import RouteVerdict
from evals.online.sampling import chance
from evals.routing.pairs import LOST, both_readable, judged_by
from evals.routing.reading import answer_of, case_of
from evals.running.marking import Marked, mark
from llm.cleaning import clean, clean_json
from llm.database import in_database

LABEL = "model choice"
"""Names these calls in the ledger."""
DAYS_BACK = 30
A_PASS = 60  # pairs, so that a pass ends within the time limit of a task
TRIES = 3  # of a judge that breaks
LEASE, LEASE_SECONDS = "evals:routes", 900


async def judge_pending(now: datetime | None = None) -> int:
    """Have the judge say all that is missing and due; how many words came. A second call beside it does nothing."""
    judge = judge_of_pairs()
    if judge is None or not cache.add(LEASE, 1, LEASE_SECONDS):
        return 0
    try:
        ids = await in_database(_pending, judge, now or timezone.now())
        places = asyncio.Semaphore(settings.EVALS_CONCURRENCY)
        return sum(await asyncio.gather(*(_judge(judge, pk, places) for pk in ids)))
    finally:
        cache.delete(LEASE)


def spent_today() -> float:
    """US dollars for the judge's words since midnight, as far as prices are known."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    said = RouteVerdict.objects.by_machines().filter(created_at__gte=midnight)
    return (said.aggregate(total=Sum("cost_microdollars"))["total"] or 0) / 1_000_000


def money_is_left() -> bool:
    return bool(spent_today() < settings.EVALS_ROUTES_DAILY_USD)


def _pending(judge: Grader, now: datetime) -> list[int]:
    """Routes of the last days on which the judge, as it is now, has said nothing, in the order in which it will."""
    broken = RouteVerdict.objects.by_machines().filter(route=OuterRef("pk"), version=judge.version)
    tries = broken.filter(outcome=Outcome.FAILED).order_by().values("route").annotate(n=Count("pk")).values("n")
    due = both_readable(Route.objects.filter(created_at__gte=now - timedelta(days=DAYS_BACK)))
    due = due.exclude(judged_by(judge.name, judge.version)).annotate(tries=Coalesce(Subquery(tries), 0))
    rows = due.filter(tries__lt=TRIES).order_by().values_list("pk", "reply", "small_held_back", "tries")
    ordered = sorted(rows, key=lambda row: (bool(row[2]), row[3], chance(row[1])))
    return [row[0] for row in ordered[:A_PASS]]


async def _judge(judge: Grader, pk: int, places: asyncio.Semaphore) -> int:
    async with places:
        if not await in_database(money_is_left):
            return 0
        route, small, strong = await in_database(_read, pk)
        marked = await mark(judge, case_of(route), small, baseline=strong, label=LABEL)
        await in_database(_store, route, marked)
        return 1


def _read(pk: int) -> tuple[Route, Answer, Answer]:
    route = Route.objects.get(pk=pk)
    return route, answer_of(route.small), answer_of(route.strong)


@transaction.atomic
def _store(route: Route, marked: Marked) -> None:
    """The word is the judge's current one; those before stay. A route that was deleted meanwhile needs none."""
    if not Route.objects.select_for_update(no_key=True).filter(pk=route.pk).exists():
        return
    RouteVerdict.objects.current().by_machines().filter(route=route).update(is_current=False)
    verdict_of(marked, route).save()


def verdict_of(marked: Marked, route: Route) -> RouteVerdict:
    """The row that keeps it, not stored yet. What is the same word for word was a tie without any model."""
    grader, grade = marked.grader, marked.grade
    was_asked = grade.reason != ALIKE
    return RouteVerdict(
        route=route,
        grader=grader.name,
        version=grader.version,
        model=grader.model[:200] if was_asked else "",
        is_demo=grader.is_demo and was_asked,
        outcome=grade.outcome.value,
        label=grade.label,
        lost=LOST.get(grade.label),
        reason=clean(grade.reason),
        evidence=clean_json(list(grade.evidence)),
        cost_microdollars=marked.cost_microdollars,
    )
