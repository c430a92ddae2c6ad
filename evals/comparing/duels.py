"""Which of two answers is better? A judge that compares reads each pair in both orders; a word that flips is a tie."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.db.models.functions import Length

from evals.graders import GRADERS
from evals.grading import Grader
from evals.models import Grading, Result, Run
from evals.models.runs import GradingQuerySet
from evals.rubrics import rubric
from evals.running.marking import grading_of, mark
from evals.statistics.intervals import Estimate, mean
from evals.statistics.paired import mcnemar
from evals.statistics.verdicts import Verdict
from llm.database import in_database
from llm.events import Usage
from llm.prices import cost_in_microdollars

TIE = 0.5
ALPHA = 0.05
CHARACTERS_A_TOKEN = 4
TOKENS_OF_A_VERDICT = 300
LEASE_SECONDS = 300  # longer than one pair takes; a worker that died leaves the pairs to the next click


@dataclass(frozen=True)
class Duels:
    """How the later run's answers did. `share` is that of its wins, from 0 to 1, a tie counting half; `left` are pairs
    that nobody judged yet."""

    wins: int
    ties: int
    losses: int
    failed: int
    left: int
    share: Estimate | None
    verdict: Verdict | None
    is_demo: bool
    is_under_way: bool

    @property
    def judged(self) -> int:
        return self.wins + self.ties + self.losses


def judge_of_pairs() -> Grader | None:
    """The judge on the shelf that compares; None where a fork took it off."""
    return next((one for one in GRADERS.values() if one.compares and one.kind == "judge"), None)


def duels_of(before: Run, after: Run, judge: Grader) -> Duels:
    """What the judge, as it is now, has said so far of the pairs of the two runs."""
    said = _said(before, after, judge).select_related("result__case")
    scored = [(one.score, one.result.case.case.unit) for one in said if one.score is not None and one.result.case]
    scores, units = [score for score, _ in scored], [unit for _, unit in scored]
    wins, losses = sum(score > TIE for score in scores), sum(score < TIE for score in scores)
    is_demo = any(one.is_demo for one in said)
    return Duels(
        wins,
        len(scores) - wins - losses,
        losses,
        failed=sum(one.outcome == Grading.Outcome.FAILED for one in said),
        left=len(open_pairs(before, after, judge)),
        share=mean(scores, clusters=units),
        verdict=None if is_demo or not scores else _verdict(scored),
        is_demo=is_demo,
        is_under_way=cache.get(_key(before, after)) is not None,
    )


def open_pairs(before: Run, after: Run, judge: Grader) -> list[tuple[int, int]]:
    """(result before, result after) of all that both answered and the judge, as it is now, has not spoken on."""
    done = set(_said(before, after, judge).values_list("result_id", flat=True))
    old, new = _answered(before), _answered(after)
    return [(old[place], result) for place, result in new.items() if place in old and result not in done]


def cost_of(before: Run, after: Run, judge: Grader) -> int | None:
    """What judging the open pairs will take at most, in microdollars, by the lengths of rubrics and answers."""
    pairs = open_pairs(before, after, judge)
    ids = [result for pair in pairs for result in pair]
    answers = Result.objects.filter(pk__in=ids).aggregate(characters=Sum(Length("text")))["characters"] or 0
    rules = sum(len(rubric(name)) for name in judge.rubrics)
    read = 2 * (len(pairs) * rules + answers) // CHARACTERS_A_TOKEN
    return cost_in_microdollars(judge.model, Usage(read, 2 * len(pairs) * TOKENS_OF_A_VERDICT))


def reopen(before: Run, after: Run, judge: Grader) -> None:
    """Pairs over which the judge broke are judged once more."""
    _said(before, after, judge).filter(outcome=Grading.Outcome.FAILED).update(is_current=False)


async def judge_some(before_id: int, after_id: int) -> bool:
    """Judge open pairs, a few at a time, for EVALS_SLICE_SECONDS. Each word is kept as it comes. True: some are left.

    A second call beside it does nothing.
    """
    judge = judge_of_pairs()
    before, after = [await in_database(Run.objects.get, pk=pk) for pk in (before_id, after_id)]
    lease = _key(before, after)
    if judge is None or not cache.add(lease, 1, LEASE_SECONDS):
        return False
    try:
        pairs = await in_database(open_pairs, before, after, judge)
        slice_of_time = _Slice(lease, monotonic() + settings.EVALS_SLICE_SECONDS)
        done = await asyncio.gather(*(slice_of_time.judge(judge, pair) for pair in pairs))
        return not all(done)
    finally:
        cache.delete(lease)


class _Slice:
    """A worker's turn: so many pairs at once, and none begun after its end."""

    def __init__(self, lease: str, ends: float) -> None:
        self.lease, self.ends = lease, ends
        self.places = asyncio.Semaphore(settings.EVALS_CONCURRENCY)

    async def judge(self, judge: Grader, pair: tuple[int, int]) -> bool:
        """Whether the pair was judged."""
        async with self.places:
            if monotonic() > self.ends:
                return False
            cache.touch(self.lease, LEASE_SECONDS)
            old, new = await in_database(_read, pair)
            assert new.case  # noqa: S101 (only cases are paired)
            label = new.run.label or f"run {new.run_id}"
            marked = await mark(judge, new.case.case, new.reading, baseline=old.reading, label=label)
            await in_database(_keep, grading_of(marked, new, against=old))
            return True


def _read(pair: Sequence[int]) -> tuple[Result, Result]:
    found = Result.objects.select_related("case", "run").in_bulk(pair)
    return found[pair[0]], found[pair[1]]


def _keep(grading: Grading) -> None:
    """The latest word is the current one; of two that come at once, the first."""
    same = Grading.objects.filter(
        result=grading.result, against=grading.against, grader=grading.grader, is_human=False, is_current=True
    )
    try:
        with transaction.atomic():
            same.update(is_current=False)
            grading.save()
    except IntegrityError:
        return


def _answered(run: Run) -> dict[tuple[int, int], int]:
    """(case, repetition) → the result that answers it."""
    found = Result.objects.filter(run=run, error="").exclude(case=None).order_by("case__key", "repetition")
    return {(case, repetition): pk for case, repetition, pk in found.values_list("case", "repetition", "pk")}


def _said(before: Run, after: Run, judge: Grader) -> GradingQuerySet:
    words = Grading.objects.by_machines().filter(result__run=after, against__run=before)
    return words.filter(grader=judge.name, version=judge.version)


def _verdict(scored: Sequence[tuple[float, str]]) -> Verdict:
    """The sign test over independent cases, which is McNemar's over those won and lost."""
    by_unit: dict[str, list[float]] = defaultdict(list)
    for score, unit in scored:
        by_unit[unit].append(score)
    means = [sum(scores) / len(scores) for scores in by_unit.values()]
    wins, losses = sum(one > TIE for one in means), sum(one < TIE for one in means)
    if mcnemar(losses, wins) > ALPHA:
        return Verdict.NO_EVIDENCE
    return Verdict.BETTER if wins > losses else Verdict.WORSE


def _key(before: Run, after: Run) -> str:
    return f"evals:duels:{before.pk}:{after.pk}"
