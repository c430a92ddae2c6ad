"""A training set from its options to its lines. Killed at any point, the next worker begins it again: nothing of it is
there before all of it is.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from evals.distillation.card import card_of, problem_of
from evals.distillation.choosing import Chosen, Line, choose
from evals.distillation.files import as_line
from evals.distillation.formats import FORMATS, MOST_BYTES
from evals.distillation.licensing import entries, licence_for
from evals.distillation.options import Options, Refused
from evals.models import TrainingExample, TrainingSet
from evals.reviewing.words import rubrics
from llm.errors import LLMError

__all__ = ["Options", "Refused", "abandoned", "build", "start"]

log = structlog.get_logger()
State = TrainingSet.State


class _Taken(Exception):
    """Another worker has the set, or has ended it."""


def start(kind: str, *, name: str = "", grader: str = "", options: Options, by: int | None) -> TrainingSet:
    """Note what is to be made; a worker makes it. Raises `Refused` for what cannot come to anything."""
    if kind not in FORMATS:
        raise Refused(f"There is no set of the kind “{kind}”: choose one of {', '.join(FORMATS)}.")
    _check_grader(kind, grader)
    entries()
    if settings.LLM_DEMO and not options.allow_demo:
        raise Refused("The demo model answers here, and nothing is to be learned from it. Allow it, to try the way.")
    return TrainingSet.objects.create(
        kind=kind,
        name=(name.strip() or f"{TrainingSet.Kind(kind).label} {grader}".strip())[:80],
        grader=grader if kind == "judge" else "",
        options=options.model_dump(mode="json"),
        created_by_id=by,
    )


def build(set_id: int) -> None:
    """Make the set, unless it has ended or another worker is at it. What goes wrong stands in its row."""
    row = _take(set_id)
    if row is None:
        return
    try:
        options = Options.model_validate(row.options)
        chosen = choose(row.kind, row.grader, options, lambda *step: _beat(row, *step))
        _keep(row, chosen, options)
    except _Taken:
        log.info("training_set_is_anothers", training_set=row.pk)
    except (Refused, LLMError) as error:
        _fail(row, str(error) if isinstance(error, Refused) else f"There are no vectors ({error.code}). Try again.")
    except OperationalError:  # the database is away: after a while another worker goes on
        raise
    except Exception:
        log.exception("building a training set broke", training_set=row.pk)
        _fail(row, "Something went wrong here. The log says what.")


def abandoned() -> list[int]:
    """Sets that wait, or whose worker has said nothing for the time of a lease."""
    waiting = Q(state=State.WAITING, created_at__lt=_long_ago())
    return list(TrainingSet.objects.filter(waiting | _is_silent()).order_by("pk").values_list("pk", flat=True))


def _check_grader(kind: str, grader: str) -> None:
    if kind == "judge" and grader not in rubrics():
        known = ", ".join(sorted(rubrics()))
        raise Refused(f"People do not grade by “{grader}”. Name the judge that is to be taught: {known}.")


def _take(set_id: int) -> TrainingSet | None:
    free = TrainingSet.objects.filter(Q(state=State.WAITING) | _is_silent(), pk=set_id)
    if not free.update(state=State.BUILDING, heartbeat_at=Now(), problem="", card={}):
        return None
    return TrainingSet.objects.get(pk=set_id)


def _beat(row: TrainingSet, doing: str, done: int, of: int) -> None:
    """Say that we live, and how far it is. Raises `_Taken` where the set is not ours to make any more."""
    progress = {"progress": {"doing": doing, "done": done, "of": of}}
    if not TrainingSet.objects.filter(pk=row.pk, state=State.BUILDING).update(heartbeat_at=Now(), card=progress):
        raise _Taken


def _keep(row: TrainingSet, chosen: Chosen, options: Options) -> None:
    """All lines and the card at once. A set of which too little is left has its card, and no lines."""
    card = card_of(row, chosen, options)
    problem = problem_of(card) or _too_large(card)
    with transaction.atomic():
        held = TrainingSet.objects.select_for_update().filter(pk=row.pk, state=State.BUILDING).first()
        if held is None:
            raise _Taken
        if not problem:
            TrainingExample.objects.bulk_create([_example(held, one, options) for one in chosen.lines], batch_size=200)
        digest = sha256(b"".join(as_line(one.line) + b"\n" for one in chosen.lines)).hexdigest()
        state = {"state": State.FAILED, "problem": problem[:400]} if problem else {"state": State.READY, "hash": digest}
        TrainingSet.objects.filter(pk=held.pk).update(card=card, ended_at=Now(), heartbeat_at=Now(), **state)


def _example(row: TrainingSet, one: Line, options: Options) -> TrainingExample:
    candidate = one.candidate
    teachers = [{"model": name, "licence": licence_for(name, options.pupil)[1]} for name in candidate.teachers]
    return TrainingExample(
        training_set=row,
        part=one.part,
        key=one.key,
        line=one.line,
        cluster=one.cluster,
        tokens=one.tokens,
        reply_id=candidate.reply,
        origin=candidate.origin
        | {
            "teachers": teachers,
            "approved": candidate.approved,
            "is_of_a_customer": candidate.reply is not None,
        },
    )


def _too_large(card: dict[str, dict[str, dict[str, int]]]) -> str:
    largest = max(file["bytes"] for file in card["files"].values())
    if largest <= MOST_BYTES:
        return ""
    return (
        f"A file of {largest / 1e6:.0f} MB is too large for a provider: take a shorter time, or fewer of one customer."
    )


def _fail(row: TrainingSet, problem: str) -> None:
    ours = TrainingSet.objects.filter(pk=row.pk, state=State.BUILDING)
    ours.update(state=State.FAILED, problem=problem[:400], card={}, ended_at=Now())


def _is_silent() -> Q:
    return Q(state=State.BUILDING) & (Q(heartbeat_at=None) | Q(heartbeat_at__lt=_long_ago()))


def _long_ago() -> object:
    return Now() - timedelta(seconds=settings.EVALS_LEASE_SECONDS)
