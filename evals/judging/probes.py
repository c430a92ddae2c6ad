"""Puts a judge to the probe: the same answers again, padded ones, or all that people have graded. It costs money.

Each word is kept when it is there, so that a probe whose worker died goes on where it ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Avg, Q
from django.utils import timezone

from evals.answers import Answer
from evals.graders import GRADERS
from evals.grading import Grader, Outcome
from evals.judging.labels import labels_for
from evals.judging.padding import padded
from evals.judging.steadiness import PADDED
from evals.models import Grading, JudgeProbe, Result, TunedModel
from evals.reviewing.words import key_of
from evals.running.grades import case_of
from evals.running.marking import Marked, grading_of, mark
from llm.catalogue import model_for
from llm.database import in_database

ANSWERS, ROUNDS = 20, 3
MOST_CALIBRATION = 500  # answers graded by one click
SILENT_FOR = timedelta(minutes=15)  # then its worker is dead
Kind, State = JudgeProbe.Kind, JudgeProbe.State


class NotProbed(Exception):
    """A probe that cannot begin; the message says why, and what to do."""


def begin(grader: Grader, kind: str, *, by: int | None, apart_from: Collection[int] = ()) -> JudgeProbe:
    """A probe that waits for its worker, of answers other than those whose ids are in `apart_from`. Raises `NotProbed`.

    A model that does not judge yet is put to it as `grader.asking(model)`.
    """
    results = [pk for pk in _answers_for(grader, kind) if pk not in apart_from]
    if not results:
        raise NotProbed(_nothing_for(kind))
    try:
        with transaction.atomic():
            return JudgeProbe.objects.create(
                grader=grader.name,
                version=grader.version,
                model=grader.model[:200],
                is_demo=grader.is_demo,
                kind=kind,
                results=results,
                rounds=_rounds(kind),
                created_by_id=by,
            )
    except IntegrityError:
        raise NotProbed("Such a probe is under way already.") from None


@dataclass(frozen=True)
class Plan:
    """What a probe would take: words of the judge, and US dollars, None where no price is known."""

    calls: int
    dollars: float | None


def plan_of(grader: Grader, kind: str) -> Plan:
    """By what its words on answers have cost so far."""
    said = Grading.objects.filter(grader=grader.name, is_human=False, cost_microdollars__gt=0)
    each = said.aggregate(mean=Avg("cost_microdollars"))["mean"]
    calls = len(_answers_for(grader, kind)) * _rounds(kind)
    return Plan(calls, None if each is None else each * calls / 1_000_000)


def abandoned() -> list[int]:
    """Probes that wait, or whose worker has said nothing for a while."""
    silent = Q(heartbeat_at=None, created_at__lt=timezone.now() - SILENT_FOR)
    silent |= Q(heartbeat_at__lt=timezone.now() - SILENT_FOR)
    return list(JudgeProbe.objects.open().filter(silent).values_list("pk", flat=True))


async def run_probe(probe_id: int) -> None:
    """Have all words said that are still missing. One whose judge has changed meanwhile ends, and says so."""
    probe = await in_database(_take, probe_id)
    if probe is None:
        return
    grader = await in_database(_judge_of, probe)
    if grader is None:
        await in_database(_end, probe, State.FAILED, "The judge has changed since the probe began: begin it again.")
        return
    turns = asyncio.Semaphore(settings.EVALS_CONCURRENCY)

    async def say(result_id: int, round_: int) -> None:
        async with turns:
            await _say(probe, grader, result_id, round_)

    await asyncio.gather(*(say(result, round_) for result, round_ in _missing(probe)))
    await in_database(_end, probe, State.DONE)


def _judge_of(probe: JudgeProbe) -> Grader | None:
    """The judge that it is about: the one that judges now, or a model that would; None when it has changed."""
    grader = GRADERS.get(probe.grader)
    would = TunedModel.objects.filter(name=probe.model, role=TunedModel.Role.JUDGE)
    if grader and (probe.model == model_for("judge").name or would.exists()):
        grader = grader.asking(probe.model)
    return grader if grader and grader.version == probe.version else None


async def _say(probe: JudgeProbe, grader: Grader, result_id: int, round_: int) -> None:
    result = await in_database(_result, result_id)
    if result is None:  # deleted meanwhile
        return
    answer = result.reading
    if probe.kind == Kind.PADDING and round_ == PADDED:
        answer = _padded(answer, case_of(result).language)
    marked = await mark(grader, case_of(result), answer, label=f"probe {probe.pk}")
    await in_database(_keep, probe, result, round_, marked)


def _padded(answer: Answer, language: str) -> Answer:
    return replace(answer, text=padded(answer.text, language))


def _missing(probe: JudgeProbe) -> Iterator[tuple[int, int]]:
    there = {(word["result"], word["round"]) for word in probe.words}
    for result in probe.results:
        for round_ in range(1, probe.rounds + 1):
            if (result, round_) not in there:
                yield result, round_


def _take(probe_id: int) -> JudgeProbe | None:
    """The probe, ours from now on; None when it has ended or another worker is at it."""
    with transaction.atomic():
        probe = JudgeProbe.objects.open().filter(pk=probe_id).select_for_update(skip_locked=True).first()
        if probe is None:
            return None
        is_alive = probe.heartbeat_at is not None and probe.heartbeat_at > timezone.now() - SILENT_FOR
        if probe.state == State.RUNNING and is_alive:
            return None
        probe.state, probe.heartbeat_at = State.RUNNING, timezone.now()
        probe.save(update_fields=["state", "heartbeat_at"])
    return probe


def _result(result_id: int) -> Result | None:
    return Result.objects.select_related("case").filter(pk=result_id).first()


@transaction.atomic
def _keep(probe: JudgeProbe, result: Result, round_: int, marked: Marked) -> None:
    """The word, beside those that other threads keep at the same time; a calibration's is a grade like any other."""
    grade, cost = marked.grade, marked.cost_microdollars or 0
    key = key_of(marked.grader, grade.label, grade.points, grade.passed) if grade.outcome is Outcome.SCORED else ""
    word: dict[str, Any] = {"result": result.pk, "round": round_, "word": key, "score": grade.score}
    row = JudgeProbe.objects.select_for_update().get(pk=probe.pk)
    row.words = [*row.words, word]
    row.heartbeat_at = timezone.now()
    row.cost_microdollars += cost
    row.save(update_fields=["words", "heartbeat_at", "cost_microdollars"])
    if probe.kind == Kind.CALIBRATION:
        _keep_as_grade(grading_of(marked, result))


def _keep_as_grade(said: Grading) -> None:
    """It becomes the current one, unless it is of a model that does not judge: then it is only looked at."""
    said.is_current = GRADERS[said.grader].version == said.version
    if said.is_current:
        same = Grading.objects.by_machines().filter(result=said.result, grader=said.grader, against=None)
        same.update(is_current=False)
    said.save()


def _end(probe: JudgeProbe, state: str, problem: str = "") -> None:
    JudgeProbe.objects.filter(pk=probe.pk).update(state=state, problem=problem, ended_at=timezone.now())


def _rounds(kind: str) -> int:
    return {Kind.REPEATS: ROUNDS, Kind.PADDING: PADDED}.get(Kind(kind), 1)


def _answers_for(grader: Grader, kind: str) -> list[int]:
    """Ids of the answers to put before the judge: those that people graded first, then what it graded last."""
    labels = labels_for(grader)
    if kind == Kind.CALIBRATION:
        youngest = timezone.now() - timedelta(days=settings.EVALS_LICENCE_DAYS)
        said = Grading.objects.filter(result__in=labels.settled, grader=grader.name, version=grader.version)
        fresh = said.filter(is_human=False, created_at__gte=youngest, is_demo=grader.is_demo).exclude(outcome="failed")
        known = set(fresh.values_list("result_id", flat=True))
        return sorted(set(labels.settled) - known)[:MOST_CALIBRATION]
    if grader.compares:
        return []
    graded = Grading.objects.by_machines().filter(grader=grader.name, outcome="scored").order_by("-id")
    recent = graded.values_list("result_id", flat=True)[: ANSWERS * 2]
    return list(dict.fromkeys([*sorted(labels.settled), *recent]))[:ANSWERS]


def _nothing_for(kind: str) -> str:
    if kind == Kind.CALIBRATION:
        return "It has graded all answers that people have graded: there is nothing to do again."
    return "There are no answers to put before it: have it grade a run first."
