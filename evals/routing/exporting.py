"""Compared questions as rows, with both answers and the word that counts: for spreadsheets and other tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from chat.models import Route
from evals.routing.pairs import both_answered, with_words

COLUMNS = (
    "route", "asked", "version", "question", "language", "ease", "rule", "first", "served", "share", "word", "said by",
    "small model", "small answer", "held back", "small ms", "small microdollars",
    "strong model", "strong answer", "strong ms", "strong microdollars",
)  # fmt: skip
A_BATCH = 200


def rows_of(routes: QuerySet[Route], wanted: Q) -> Iterator[list[Any]]:
    """One row for each compared question that is wanted, the oldest first; cells as in COLUMNS."""
    found = with_words(both_answered(routes)).filter(wanted).select_related("version").order_by("pk")
    for route in found.iterator(chunk_size=A_BATCH):
        yield _row(route)


def _row(route: Any) -> list[Any]:
    small, strong = route.small, route.strong
    said_by = "" if route.word is None else "person" if route.by_person else "demo" if route.by_demo else "judge"
    return [
        route.pk,
        route.created_at.isoformat(timespec="seconds"),
        route.version.number if route.version else None,
        route.question,
        route.language,
        route.ease,
        route.rule,
        route.first,
        route.served,
        route.share,
        route.word,
        said_by,
        small.get("model"),
        small.get("text"),
        small.get("held_back"),
        small.get("ms"),
        small.get("cost_microdollars"),
        strong.get("model"),
        strong.get("text"),
        strong.get("ms"),
        strong.get("cost_microdollars"),
    ]
