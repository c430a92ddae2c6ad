"""Which threshold to take: what there is to know of the live version's choice, and the draft that follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from chat.assistant import Assistant, Ease, ModelChoice
from chat.models import AssistantVersion, Route
from chat.versions.states import live_version, make_draft, version_of
from evals.comparing.duels import judge_of_pairs
from evals.judging.licences import Licence, licence_of
from evals.routing.from_routes import Sample, samples_of
from evals.routing.policies import Value, frontier, propose, random_line, value_of
from evals.statistics.power import cases_needed, spread_of

DAYS = 90
"""So far back pairs count for a proposal."""
FEWEST_TO_TELL = 20
"""Judged pairs without which nobody can say how many more are needed."""
TUNED = frozenset({"easy", "threshold", "ease", "compared", "margin"})
"""What may differ between versions whose pairs are put together: none of it changes what either model answers."""


@dataclass(frozen=True)
class Outlook:
    """What the thresholds would come to for the live version.

    `live` is its own policy (None where it sends all to the strong model), `curve` the frontier, `line` random choice.
    `proposed` is the cheapest threshold that keeps the margin, from the pairs that may decide: all of them where the
    judge may hold back a publication, else those that people compared. It is None where there is none, or where
    `why_not` says that nothing may be proposed. `missing` is how many more of these pairs are needed; None where that
    cannot be told.
    """

    sample: Sample
    deciding: Sample
    margin: float
    live: Value | None
    curve: tuple[Value, ...]
    line: tuple[Value, ...]
    proposed: Value | None
    why_not: str
    missing: int | None
    licence: Licence | None


def outlook(routes: QuerySet[Route], *, now: datetime | None = None) -> Outlook:
    """From the pairs of the last 90 days of versions that answer as the live one does."""
    return outlook_on(_counting(routes, now or timezone.now()), live_version().assistant.model_choice)


def outlook_on(routes: QuerySet[Route], policy: ModelChoice) -> Outlook:
    """From the pairs among these routes, for a policy that may be another than the one that chose."""
    judge = judge_of_pairs()
    licence = licence_of(judge.name) if judge else None
    sample, of_people = samples_of(routes, ease=policy.ease)
    trials, deciding = sample.trials, sample if licence and licence.may_gate else of_people
    why_not = _why_not(sample, deciding)
    return Outlook(
        sample=sample,
        deciding=deciding,
        margin=policy.margin,
        live=value_of(trials, policy.threshold) if is_on(policy) else None,
        curve=frontier(trials) if trials else (),
        line=random_line(trials) if trials else (),
        proposed=None if why_not else propose(deciding.trials, policy.margin),
        why_not=why_not,
        missing=missing_pairs(deciding, policy.margin),
        licence=licence,
    )


def is_on(policy: ModelChoice) -> bool:
    """Whether anything goes to another model than the strong one."""
    return policy.easy != "strong"


def missing_pairs(sample: Sample, margin: float) -> int | None:
    """How many more judged pairs would show that a policy which loses nothing keeps the margin (power .8).

    None where so few are judged that their spread is not known. 0 where there are enough.
    """
    lost = [trial.lost for trial in sample.trials if trial.holds]
    if len(lost) < FEWEST_TO_TELL:
        return None
    needed = cases_needed(margin, spread=spread_of([0.0] * len(lost), lost))
    share = len(lost) / len(sample.trials)
    return max(0, math.ceil(needed * share) - len(lost))


def draft_with(threshold: float, ease: Ease | None = None, *, by: int | None) -> AssistantVersion:
    """A draft of the live version whose small model answers from this ease on. Raises ValueError for no such ease."""
    live = live_version()
    before = live.assistant.model_choice
    easy = before.easy if is_on(before) else "small"
    wanted = before.model_dump() | {"easy": easy, "threshold": threshold}
    wanted |= {"ease": ease.model_dump()} if ease else {}
    choice = ModelChoice.model_validate(wanted)
    return make_draft(
        live.assistant.model_copy(update={"model_choice": choice}),
        based_on=AssistantVersion.objects.get(number=live.number),
        by=by,
        note=f"The small model answers from an ease of {threshold:.2f} on",
    )


def like_the_live_one() -> list[int]:
    """The ids of the versions that differ from the live one in nothing that changes what the models answer."""
    live = _apart_from_tuning(live_version().assistant)
    rows = AssistantVersion.objects.exclude(state=AssistantVersion.State.DISCARDED)
    return [row.pk for row in rows if _apart_from_tuning(version_of(row).assistant) == live]


def _counting(routes: QuerySet[Route], now: datetime) -> QuerySet[Route]:
    return routes.filter(created_at__gte=now - timedelta(days=DAYS), version__in=like_the_live_one())


def _apart_from_tuning(assistant: Assistant) -> dict[str, object]:
    return assistant.model_dump(exclude={"model_choice": set(TUNED)})


def _why_not(sample: Sample, deciding: Sample) -> str:
    """Why nothing may be proposed; "" where it may."""
    if not sample.judged:
        return "No pair of answers is judged yet."
    if deciding.judged >= FEWEST_TO_TELL:
        return ""
    if deciding is sample:
        return f"Only {sample.judged} pairs are judged."
    known = f"people have compared {deciding.judged}, and from {FEWEST_TO_TELL} on their words decide alone"
    if sample.is_demo:
        return f"The demo model judges, whose words are shown and decide nothing; {known}."
    return f"The judge may not decide this: it is not known well enough how far people agree with it; {known}."
