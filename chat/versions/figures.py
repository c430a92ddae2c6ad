"""How a version has done: the replies made with it, what customers thought of them, and what its calls took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Count, FloatField, Q, Sum

from chat.models import AssistantVersion
from llm.models import Call


class Median(Aggregate):
    """The value in the middle; between two, halfway."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Figures:
    """`calls` has a row for each purpose: calls, tokens, dollars (None when no price is known) and p50_ms."""

    replies: int
    up: int
    down: int
    calls: list[dict[str, Any]]

    @property
    def share_up(self) -> int | None:
        """Per cent of the thumbs."""
        given = self.up + self.down
        return round(100 * self.up / given) if given else None


def figures_of(row: AssistantVersion, label: str) -> Figures:
    """`label` is the version's name in the ledger. Sync: three queries."""
    replies = row.replies.aggregate(
        count=Count("pk"), up=Count("pk", Q(feedback__verdict="up")), down=Count("pk", Q(feedback__verdict="down"))
    )
    calls = Call.objects.filter(version=label).values("purpose").order_by("purpose")
    rows = calls.annotate(
        calls=Count("pk"),
        tokens=Sum("prompt_tokens") + Sum("completion_tokens"),
        microdollars=Sum("cost_microdollars"),
        p50_ms=Median("duration_ms"),
    )
    return Figures(replies["count"], replies["up"], replies["down"], [_row(dict(one)) for one in rows])


def _row(one: dict[str, Any]) -> dict[str, Any]:
    spent = one.pop("microdollars")
    return one | {"dollars": None if spent is None else spent / 1_000_000}
