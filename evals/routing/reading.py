"""A route as graders read it: its question as a case, and what either model answered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from chat.models import Route
from evals.answers import Answer, Source
from evals.cases import Case
from knowledge.models import Document

LONGEST_QUESTION = 4_000  # characters, as a case takes them


def case_of(route: Route) -> Case:
    """What is known of the question; nobody has said what a good answer would be."""
    question = route.question.strip()[:LONGEST_QUESTION] or "…"
    return Case(id=f"route-{route.pk}", question=question, language=route.language or "en", tags=("real turn",))


def answer_of(kept: dict[str, Any]) -> Answer:
    """One model's answer from what the route kept of it. One query, for the names of the files."""
    cited, given = kept.get("sources") or [], kept.get("passages") or []
    numbers = {one.get("chunk_id"): number for number, one in enumerate(cited, start=1)}
    rest = [one for one in given if one.get("chunk_id") not in numbers]
    names = _file_names([*cited, *rest])
    passages = [_source(one, number, names) for number, one in enumerate(cited, start=1)]
    passages += [_source(one, 0, names) for one in rest]
    cost = kept.get("cost_microdollars")
    return Answer(
        str(kept.get("text", "")),
        cited=_each_once(passages[: len(cited)]),
        found=_each_once(passages),
        model=str(kept.get("model", "")),
        alias=str(kept.get("alias", "")),
        passages=tuple(passages),
        whole_after=(kept.get("ms") or 0) / 1000,
        dollars=None if cost is None else cost / 1_000_000,
        stopped_by=str(kept.get("held_back", "")),
    )


def _source(kept: dict[str, Any], number: int, names: dict[str, str]) -> Source:
    document, page = str(kept.get("document_id", "")), kept.get("page")
    place = " · ".join(part for part in (kept.get("heading", ""), f"page {page}" if page else "") if part)
    return Source(
        names.get(document, ""),
        kept.get("title", ""),
        kept.get("text", ""),
        number,
        place,
        kept.get("chunk_id"),
        document,
        kept.get("version_number", 0),
        kept.get("score", 0.0),
    )


def _file_names(kept: Iterable[dict[str, Any]]) -> dict[str, str]:
    ids = {uuid.UUID(one["document_id"]) for one in kept if one.get("document_id")}
    return {str(pk): name for pk, name in Document.objects.filter(id__in=ids).values_list("id", "name")}


def _each_once(passages: Sequence[Source]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(passage.name for passage in passages if passage.name))
