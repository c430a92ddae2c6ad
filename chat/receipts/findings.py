"""What guardrails stopped or changed, read by staff, who say where they were wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from chat.models import Finding
from chat.privacy.masks import Masks
from knowledge.access import Viewer

DAYS = 30  # counted together
NOT_ALLOWED = ~Q(action=Finding.Action.ALLOW)
MARKED = Q(marked_wrong_at__isnull=False)
FILTERS = {
    "all": ("All", NOT_ALLOWED),
    "refused": ("Refused", Q(action=Finding.Action.REFUSE)),
    "handed-over": ("Handed over", Q(action=Finding.Action.HAND_OVER)),
    "rewritten": ("Changed", Q(action=Finding.Action.REWRITE)),
    "wrong": ("Marked wrong", MARKED),
}


@dataclass(frozen=True)
class Tally:
    """What one guardrail did within the last `DAYS` days, and how often people found it wrong."""

    guardrail: str
    fired: int
    wrong: int  # fired, and should not have
    missed: int  # allowed, and should not have

    @property
    def share(self) -> float:
        """Of what it stopped or changed, the share that was marked wrong: from 0 to 1."""
        return self.wrong / self.fired if self.fired else 0.0


def list_findings(viewer: Viewer, which: str = "all", guardrail: str = "") -> QuerySet[Finding]:
    """What this viewer may read, the latest first, with its reply and question. `which` is a key of FILTERS."""
    found = Finding.objects.visible_to(viewer).filter(FILTERS[which][1])
    if guardrail:
        found = found.filter(guardrail=guardrail)
    return found.select_related("reply__question", "marked_wrong_by")


def count_findings(viewer: Viewer, guardrail: str = "") -> dict[str, int]:
    """How many there are under each key of FILTERS."""
    return {which: list_findings(viewer, which, guardrail).count() for which in FILTERS}


def tallies(viewer: Viewer) -> list[Tally]:
    """One for each guardrail that fired or was marked, the busiest first."""
    recent = Finding.objects.visible_to(viewer).filter(created_at__gte=timezone.now() - timedelta(days=DAYS))
    counted = recent.filter(NOT_ALLOWED | MARKED).values("guardrail")
    rows = counted.annotate(
        fired=Count("id", filter=NOT_ALLOWED),
        wrong=Count("id", filter=NOT_ALLOWED & MARKED),
        missed=Count("id", filter=MARKED & ~NOT_ALLOWED),
    )
    return [Tally(**row) for row in rows.order_by("-fired", "guardrail")]


def mark_wrong(finding: Finding, *, user_id: int | None, comment: str = "") -> None:
    """Say that a verdict was wrong; the last word and its author count."""
    finding.marked_wrong_at, finding.marked_wrong_by_id, finding.comment = timezone.now(), user_id, comment
    finding.save(update_fields=["marked_wrong_at", "marked_wrong_by", "comment"])


def unmark(finding: Finding) -> None:
    """Take it back: the verdict was right after all."""
    finding.marked_wrong_at, finding.marked_wrong_by, finding.comment = None, None, ""
    finding.save(update_fields=["marked_wrong_at", "marked_wrong_by", "comment"])


def export_marked(viewer: Viewer) -> Iterator[dict[str, Any]]:
    """The verdicts that people marked wrong, oldest first, as lines of a set to measure guardrails on, masked.

    `should` is what the guardrail ought to have said: `allow` where it fired, `stop` where it let something through.
    `half` is `seen`: whoever improves a guardrail has looked at these.
    """
    marked = list_findings(viewer, "wrong").order_by("created_at", "id")
    for finding in marked.iterator(chunk_size=500):
        yield {
            "text": text_read(finding),
            "family": finding.guardrail,
            "half": "seen",
            "reads": finding.reads,
            "said": finding.action,
            "should": "stop" if finding.action == Finding.Action.ALLOW else "allow",
            "reason": finding.reason,
            "comment": Masks().mask(finding.comment),
        }


def text_read(finding: Finding) -> str:
    """What the guardrail read, masked. Of allowed texts none was kept: the whole question or reply stands for them."""
    reply = finding.reply
    whole = reply.question.text if finding.reads == "question" else reply.text
    return Masks().mask(finding.text or whole)
