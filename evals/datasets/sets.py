"""How a set changes: cases are added, revised, approved and removed, and frozen as versions that never change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from django.db import transaction

from evals.cases import Case
from evals.models import CaseRevision, Dataset, DatasetVersion

State, Origin = CaseRevision.State, CaseRevision.Origin


class Refused(Exception):
    """A set cannot be changed so; the message says why, and what to do."""


@transaction.atomic
def keep(
    dataset: Dataset,
    case: Case,
    *,
    origin: str = Origin.WRITTEN,
    state: str = State.APPROVED,
    by: int | None = None,
    note: str = "",
    **more: Any,
) -> CaseRevision:
    """Add a case, or a revision of the one that has its id. What says the same already is left as it is.

    `more` are `reply` or `document`, where it comes from.
    """
    _lock(dataset)
    before = CaseRevision.objects.filter(dataset=dataset, key=case.id).order_by("-revision").first()
    if before and before.is_latest and before.hash == case.hash and before.state == state:
        return before
    CaseRevision.objects.filter(dataset=dataset, key=case.id, is_latest=True).update(is_latest=False)
    return CaseRevision.objects.create(
        dataset=dataset,
        key=case.id,
        revision=before.revision + 1 if before else 1,
        state=state,
        content=case.model_dump(mode="json"),
        hash=case.hash,
        origin=origin,
        note=note[:200],
        created_by_id=by,
        approved_by_id=by if state == State.APPROVED else None,
        **more,
    )


def approve(row: CaseRevision, *, by: int | None) -> bool:
    """Let a proposed case count. False when it is not proposed any more."""
    proposed = CaseRevision.objects.filter(pk=row.pk, state=State.PROPOSED, is_latest=True)
    return bool(proposed.update(state=State.APPROVED, approved_by_id=by))


def remove(row: CaseRevision) -> bool:
    """Take a case out of its set; frozen versions keep it. False when it is out already."""
    there = CaseRevision.objects.filter(pk=row.pk, is_latest=True).exclude(state=State.REMOVED)
    return bool(there.update(state=State.REMOVED))


def restore(row: CaseRevision) -> bool:
    """Undo a removal. False when there is nothing to undo."""
    removed = CaseRevision.objects.filter(pk=row.pk, is_latest=True, state=State.REMOVED)
    return bool(removed.update(state=State.APPROVED))


@transaction.atomic
def freeze(dataset: Dataset, *, by: int | None = None, note: str = "") -> DatasetVersion:
    """The version with all approved cases as they are now: the latest one, if it says the same, or a new one.

    Raises `Refused` for a set without a case.
    """
    _lock(dataset)
    cases = list(CaseRevision.objects.filter(dataset=dataset).approved().order_by("key"))
    if not cases:
        raise Refused(f"“{dataset.title}” holds no approved case yet: add one, or import some.")
    digest = hash_of(cases)
    latest = dataset.versions.order_by("-number").first()
    if latest and latest.hash == digest:
        return latest
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=latest.number + 1 if latest else 1,
        hash=digest,
        note=note[:200],
        size=len(cases),
        created_by_id=by,
    )
    version.cases.set(cases)
    return version


def hash_of(cases: Iterable[CaseRevision]) -> str:
    """SHA-256 over the contents of the cases, whatever their order and revisions."""
    return sha256("\n".join(sorted(case.hash for case in cases)).encode()).hexdigest()


def add_all(dataset: Dataset, cases: Sequence[Case], *, origin: str, by: int | None = None) -> int:
    """Keep all of them, or none. How many are new or changed."""
    with transaction.atomic():
        before = dict(CaseRevision.objects.filter(dataset=dataset).present().values_list("key", "hash"))
        for case in cases:
            keep(dataset, case, origin=origin, by=by)
    return sum(before.get(case.id) != case.hash for case in cases)


def _lock(dataset: Dataset) -> None:
    """One change of a set at a time."""
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
