"""How a set changes: cases are added, revised, approved and removed, and frozen as versions that never change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@transaction.atomic
def add_new(dataset: Dataset, case: Case, **more: Any) -> CaseRevision | None:
    """As `keep`, but None where the id stands for a case of the set already: nothing is done to that one."""
    _lock(dataset)
    if CaseRevision.objects.filter(dataset=dataset, key=case.id).exists():
        return None
    return keep(dataset, case, **more)


@transaction.atomic
def revise(row: CaseRevision, case: Case, *, by: int | None, note: str = "", approve: bool = False) -> bool:
    """Save what was made of a revision, unless somebody has saved another one meanwhile: then False, and nothing is.

    It says where it comes from, as the one before did.
    """
    _lock(row.dataset)
    now = CaseRevision.objects.filter(pk=row.pk, is_latest=True).exclude(state=State.REMOVED).first()
    if now is None:
        return False
    state = State.APPROVED if approve else now.state
    more = {"reply_id": now.reply_id, "document_id": now.document_id}
    keep(row.dataset, case, origin=Origin.CORRECTED, state=state, by=by, note=note, **more)
    return True


def approve(row: CaseRevision, *, by: int | None) -> bool:
    """Let a proposed case count. False when it is not proposed any more."""
    proposed = CaseRevision.objects.filter(pk=row.pk, state=State.PROPOSED, is_latest=True)
    return bool(proposed.update(state=State.APPROVED, approved_by_id=by))


def remove(row: CaseRevision) -> bool:
    """Take a case out of its set; frozen versions keep it. False when it is out already."""
    there = CaseRevision.objects.filter(pk=row.pk, is_latest=True).exclude(state=State.REMOVED)
    return bool(there.update(state=State.REMOVED))


def restore(row: CaseRevision) -> bool:
    """Undo a removal: what nobody had approved is proposed again. False when there is nothing to undo."""
    removed = CaseRevision.objects.filter(pk=row.pk, is_latest=True, state=State.REMOVED)
    was_proposed = row.approved_by_id is None and row.origin not in {Origin.WRITTEN, Origin.IMPORTED}
    return bool(removed.update(state=State.PROPOSED if was_proposed else State.APPROVED))


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


def cases_at(dataset: Dataset, number: int | None = None) -> list[CaseRevision]:
    """The cases of a version, or those that are approved now. Raises `Refused` for a version that is not there."""
    if number is None:
        return list(CaseRevision.objects.filter(dataset=dataset).approved().order_by("key"))
    version = dataset.versions.filter(number=number).first()
    if version is None:
        raise Refused(f"“{dataset.title}” has no version {number}.")
    return list(version.cases.order_by("key"))


def hash_of(cases: Iterable[CaseRevision]) -> str:
    """SHA-256 over the contents of the cases, whatever their order and revisions."""
    return sha256("\n".join(sorted(case.hash for case in cases)).encode()).hexdigest()


@dataclass(frozen=True)
class Arrival:
    """What a set would become with these cases: those that are new to it, that say something else, or the same."""

    new: tuple[Case, ...]
    changed: tuple[Case, ...]
    same: tuple[Case, ...]

    @property
    def to_keep(self) -> tuple[Case, ...]:
        return (*self.new, *self.changed)


def compared(dataset: Dataset, cases: Iterable[Case]) -> Arrival:
    """How cases stand to those of the set, by id. One that only waits for approval, or was removed, counts as new."""
    approved = dict(CaseRevision.objects.filter(dataset_id=dataset.pk).approved().values_list("key", "hash"))
    parts: dict[str, list[Case]] = {"new": [], "changed": [], "same": []}
    for case in cases:
        known = approved.get(case.id)
        parts["new" if known is None else "same" if known == case.hash else "changed"].append(case)
    return Arrival(**{name: tuple(part) for name, part in parts.items()})


@transaction.atomic
def add_all(dataset: Dataset, cases: Sequence[Case], *, origin: str, by: int | None = None) -> int:
    """Keep all of them, or none. How many are new or changed."""
    _lock(dataset)
    to_keep = compared(dataset, cases).to_keep
    for case in to_keep:
        keep(dataset, case, origin=origin, by=by)
    return len(to_keep)


def _lock(dataset: Dataset) -> None:
    """One change of a set at a time."""
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
