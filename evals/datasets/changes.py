"""What differs between two revisions of a case, and between two versions of a set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chat.versions.text import Line, diff, mapping_as_text
from evals.cases import Case
from evals.models import CaseRevision, Dataset, DatasetVersion


@dataclass(frozen=True)
class Changes:
    """Revisions by what became of their case: those of the later set, and for `removed` those of the earlier one."""

    added: tuple[CaseRevision, ...] = ()
    changed: tuple[CaseRevision, ...] = ()
    removed: tuple[CaseRevision, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True)
class Step:
    """A revision, and what it changed in the one before it."""

    row: CaseRevision
    lines: list[Line]


def text_of(case: Case) -> str:
    """A case as text for people: what it leaves to defaults does not stand there."""
    content = case.model_dump(mode="json")
    told = {name: value for name, value in content.items() if value not in ("", [], None)}
    facts = [" | ".join(fact) for fact in content["must_include"]]
    return mapping_as_text(told | ({"must_include": facts} if facts else {}))


def differences(before: Case, after: Case) -> list[Line]:
    """The lines that differ, with those around them; empty when both say the same."""
    return diff(text_of(before), text_of(after))


def revisions_of(row: CaseRevision) -> list[Step]:
    """All revisions of a case, the latest first, each with what it changed."""
    rows = CaseRevision.objects.filter(dataset_id=row.dataset_id, key=row.key)
    found = list(rows.select_related("created_by", "approved_by").order_by("-revision"))
    older = [*found[1:], None]
    return [
        Step(one, differences(before.case, one.case) if before else [])
        for one, before in zip(found, older, strict=True)
    ]


def changes_of(version: DatasetVersion) -> Changes:
    """What this version has that the one before it had not, and the other way round."""
    before = DatasetVersion.objects.filter(dataset_id=version.dataset_id, number__lt=version.number).first()
    return between(before.cases.all() if before else (), version.cases.all())


def not_frozen_yet(dataset: Dataset) -> Changes:
    """What the next version would bring."""
    latest = dataset.versions.first()
    approved = CaseRevision.objects.filter(dataset=dataset).approved()
    return between(latest.cases.all() if latest else (), approved)


def between(earlier: Iterable[CaseRevision], later: Iterable[CaseRevision]) -> Changes:
    """The changes from one selection of cases to another, by their ids and contents."""
    old, new = ({row.key: row for row in rows} for rows in (earlier, later))
    return Changes(
        added=tuple(row for key, row in new.items() if key not in old),
        changed=tuple(row for key, row in new.items() if key in old and old[key].hash != row.hash),
        removed=tuple(row for key, row in old.items() if key not in new),
    )
