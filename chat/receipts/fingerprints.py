"""Which models stood behind a version, by what their servers said: a fingerprint, and the exact name.

A provider may change a model without changing its name. Whoever compares answers over time has to know when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Count, Max, Min
from django.utils import timezone

from chat.models import AssistantVersion
from chat.versions.states import version_of
from llm.models import Call

DAYS = 30  # looked back: older calls say little of a model of today


@dataclass(frozen=True)
class Seen:
    """One model as its server named it, from its first answer to its last."""

    alias: str
    served_by: str
    fingerprint: str
    first: datetime
    last: datetime
    calls: int


@dataclass(frozen=True)
class Change:
    """Another model answers under the same alias than before."""

    alias: str
    before: Seen
    after: Seen

    @property
    def names(self) -> tuple[str, str]:
        """What changed, then and now: the fingerprints, or the names where those are what changed, or both."""
        before, after = self.before, self.after
        if before.fingerprint == after.fingerprint:
            return before.served_by, after.served_by
        if before.served_by == after.served_by:
            return before.fingerprint or "no fingerprint", after.fingerprint or "no fingerprint"
        return _whole(before), _whole(after)

    @property
    def is_mixed(self) -> bool:
        """Whether the one before still answered afterwards: servers roll a change out bit by bit."""
        return self.before.last > self.after.first


def changes_of(row: AssistantVersion) -> list[Change]:
    """The latest change behind each alias of a version within the last `DAYS` days. Sync: it asks the ledger."""
    seen = sorted(fingerprints_of(row), key=lambda one: (one.alias, one.first))
    groups = (list(group) for _, group in groupby(seen, key=lambda one: one.alias))
    return [Change(group[-1].alias, _before(group), group[-1]) for group in groups if len(group) > 1]


def fingerprints_of(row: AssistantVersion) -> list[Seen]:
    """Every model that answered for a version within the last `DAYS` days, the latest to appear last."""
    calls = Call.objects.filter(
        version=version_of(row).label,
        kind="chat",
        outcome=Call.Outcome.DONE,
        created_at__gte=timezone.now() - timedelta(days=DAYS),
    )
    groups = calls.values("alias", "served_by", "fingerprint")
    found = groups.annotate(first=Min("created_at"), last=Max("created_at"), calls=Count("id"))
    return [Seen(**one) for one in found.order_by("first")]


def _before(group: Iterable[Seen]) -> Seen:
    """Of those that had answered before the latest to appear, the one that did so last."""
    *earlier, _ = group
    return max(earlier, key=lambda one: one.last)


def _whole(seen: Seen) -> str:
    return " ".join(part for part in (seen.served_by, seen.fingerprint) if part)
