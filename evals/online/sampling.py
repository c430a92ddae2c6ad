"""Which real turns are graded: all that customers disliked, and a share of the others, chosen by chance.

Chance is a hash of the reply's id: the same turn is in or out whoever asks, whenever, and however often. All turns of
a day that one version answered are in one run. Its share is fixed when it begins, so that within a run every turn has
the same probability; a new setting holds from the next run on.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from chat.models import AssistantVersion, Feedback, Reply
from evals.models import Result, Run
from evals.online.turns import result_of

DAYS_BACK = 2  # so far a worker that was away is made up for
THUMB_DAYS = 30  # so old a reply may be when its thumb comes
SETTLING = timedelta(minutes=2)  # a reply that has just ended may still get its thumb
A_PASS = 500  # turns at most, so that a pass ends
ANSWERED = (Reply.Status.DONE, Reply.Status.REFUSED)
DOWN = Feedback.Verdict.DOWN
Of = tuple[int | None, date]  # a version and a day: what one run holds


def is_on() -> bool:
    """Whether real turns are graded at all."""
    return bool(settings.EVALS_ONLINE_SHARE > 0)


def sample(now: datetime | None = None) -> int:
    """Store the turns that are due and not there yet. How many; one that is there already is left as it is."""
    if not is_on():
        return 0
    now = now or timezone.now()
    chosen = list(islice(_chosen(now), A_PASS))
    replies = Reply.objects.filter(pk__in=chosen).select_related("question", "version", "conversation", "feedback")
    for reply in replies.order_by("created_at"):
        _take(reply)
    for version, day in _touched(now):
        for run in _runs(version, day):
            weigh_anew(run)
    return len(chosen)


def chance(reply_id: uuid.UUID) -> float:
    """A number from 0 to 1 that belongs to this reply for ever."""
    return int.from_bytes(sha256(reply_id.bytes).digest()[:8]) / 2**64


def weight_of(reply_id: uuid.UUID, *, is_disliked: bool, share: float) -> float:
    """How many turns it stands for: 1 over its probability; 0 where only a thumb, since taken back, brought it in."""
    if is_disliked:
        return 1.0
    return 1 / share if chance(reply_id) < share else 0.0


@transaction.atomic
def weigh_anew(run: Run) -> None:
    """Count the run's turns, and set right the weights of those whose thumb came, or was taken back, since.

    A disliked turn was certain to be graded: it counts once, and no more for all the others that chance left out.
    """
    share = run.circumstances["share"]
    for result in _with_thumbs(run):
        weight = weight_of(result.reply_id, is_disliked=result.is_disliked, share=share)  # type: ignore[arg-type, attr-defined]
        if weight != result.weight:
            Result.objects.filter(pk=result.pk).update(weight=weight)
    disliked = Q(feedback__verdict=DOWN)
    turns = _turns_of(run).aggregate(disliked=Count("pk", filter=disliked), all=Count("pk"))
    run.circumstances["turns"] = {"disliked": turns["disliked"], "rest": turns["all"] - turns["disliked"]}
    run.expected = Result.objects.filter(run=run).count()
    run.save(update_fields=["circumstances", "expected"])


def day_of(moment: datetime) -> date:
    return timezone.localdate(moment)


def _due(now: datetime) -> QuerySet[Reply]:
    """Answered lately, or disliked lately; without a result."""
    since, disliked_since = now - timedelta(days=DAYS_BACK), now - timedelta(days=THUMB_DAYS)
    lately = Q(created_at__gte=since)
    by_thumb = Q(feedback__verdict=DOWN, feedback__updated_at__gte=since, created_at__gte=disliked_since)
    ended = Reply.objects.filter(status__in=ANSWERED, ended_at__lte=now - SETTLING).exclude(text="")
    sampled = Result.objects.filter(run__trigger=Run.Trigger.ONLINE, reply__isnull=False).values("reply")
    return ended.filter(lately | by_thumb).exclude(pk__in=sampled)


def _chosen(now: datetime) -> Iterator[uuid.UUID]:
    """Ids of those that are due and in the sample. Only ids are read: most replies are not."""
    shares: dict[Of, float] = {}
    columns = ("pk", "version", "created_at", "feedback__verdict")
    for pk, version, at, verdict in _due(now).order_by("created_at").values_list(*columns).iterator():
        of = version, day_of(at)
        if of not in shares:
            shares[of] = _share_for(*of)
        if verdict == DOWN or chance(pk) < shares[of]:
            yield pk


def _share_for(version: int | None, day: date) -> float:
    run = _runs(version, day).first()
    return float(run.circumstances["share"] if run else settings.EVALS_ONLINE_SHARE)


def _take(reply: Reply) -> None:
    feedback = getattr(reply, "feedback", None)
    is_disliked = feedback is not None and feedback.verdict == DOWN
    run = run_for(reply.version, day_of(reply.created_at))
    weight = weight_of(reply.pk, is_disliked=is_disliked, share=run.circumstances["share"])
    Result.objects.bulk_create([result_of(reply, run, weight=weight)], ignore_conflicts=True)


def _touched(now: datetime) -> set[Of]:
    """The runs to be counted anew: of the last days, and those where a thumb has come or gone."""
    since = now - timedelta(days=DAYS_BACK)
    runs = Run.objects.filter(trigger=Run.Trigger.ONLINE, started_at__gte=since - timedelta(days=1))
    of_runs = runs.values_list("assistant_version", KT("circumstances__day"))
    thumbs = Feedback.objects.filter(updated_at__gte=since).values_list("reply__version", "reply__created_at")
    fresh = {(version, date.fromisoformat(day)) for version, day in of_runs.distinct().order_by()}
    return fresh | {(version, day_of(at)) for version, at in thumbs}


@transaction.atomic
def run_for(version: AssistantVersion | None, day: date) -> Run:
    """The run of a version's real turns of a day, made when its first one comes."""
    if version:
        AssistantVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=version.pk)
    if run := _runs(version.pk if version else None, day).first():
        return run
    began = timezone.make_aware(datetime.combine(day, time()))
    return Run.objects.create(
        assistant_version=version,
        assistant_hash=version.hash if version else "",
        trigger=Run.Trigger.ONLINE,
        state=Run.State.DONE,  # nobody works at it: turns come as they come
        note=f"Real turns of {day:%-d %B %Y}",
        circumstances={"day": day.isoformat(), "share": settings.EVALS_ONLINE_SHARE},
        started_at=began,
        ended_at=began + timedelta(days=1),
    )


def _runs(version: int | None, day: date) -> QuerySet[Run]:
    of_version = Q(assistant_version=version) if version else Q(assistant_version=None)
    online = Run.objects.filter(of_version, trigger=Run.Trigger.ONLINE, circumstances__day=day.isoformat())
    return online.order_by("id")


def _turns_of(run: Run) -> QuerySet[Reply]:
    """All real turns that the run stands for, graded or not."""
    began = timezone.make_aware(datetime.combine(date.fromisoformat(run.circumstances["day"]), time()))
    on_the_day = Q(created_at__gte=began, created_at__lt=began + timedelta(days=1))
    return Reply.objects.filter(on_the_day, version=run.assistant_version, status__in=ANSWERED).exclude(text="")


def _with_thumbs(run: Run) -> QuerySet[Result]:
    found = Result.objects.filter(run=run, reply__isnull=False).only("id", "weight", "reply_id")
    return found.annotate(is_disliked=Q(reply__feedback__verdict=DOWN))
