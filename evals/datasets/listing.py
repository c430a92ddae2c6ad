"""What the pages of the sets list: sets with their figures, and the cases of one, as filtered."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Case as When
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models import When as If

from evals.models import CaseRevision, Dataset, DatasetVersion, Result, Run
from evals.models.datasets import CaseQuerySet
from knowledge.access import Viewer

State = CaseRevision.State
SEARCHED = ("question", "expert_answer", "cluster")
BY_CONTENT = ("language", "expects", "severity")


def listed_sets(viewer: Viewer) -> QuerySet[Dataset]:
    """All sets in use, each with `approved`, `proposed`, `latest` (version), and of its last run `last_run`, `passed`
    and `judged` (numbers of answers).
    """
    rows = CaseRevision.objects.filter(dataset=OuterRef("pk"))
    ended = Run.objects.filter(dataset_version__dataset=OuterRef("pk"), state=Run.State.DONE).order_by("-created_at")
    results = Result.objects.filter(run=OuterRef("last_run"))
    return (
        Dataset.objects.visible_to(viewer)
        .filter(archived_at=None)
        .annotate(
            approved=_count(rows.filter(is_latest=True, state=State.APPROVED), "dataset"),
            proposed=_count(rows.filter(is_latest=True, state=State.PROPOSED), "dataset"),
            latest=Subquery(
                DatasetVersion.objects.filter(dataset=OuterRef("pk")).order_by("-number").values("number")[:1]
            ),
            last_run=Subquery(ended.values("pk")[:1]),
        )
        .annotate(
            passed=_count(results.filter(passed=True), "run"),
            judged=_count(results.exclude(passed=None), "run"),
        )
    )


def listed_cases(dataset: Dataset, chosen: Mapping[str, str]) -> CaseQuerySet:
    """The cases of a set, those that wait for approval first. `chosen` may hold q, tag, language, expects, severity,
    origin and state (proposed, removed; without it all that are in the set).
    """
    rows = CaseRevision.objects.filter(dataset=dataset, is_latest=True).select_related("created_by", "document")
    state = chosen.get("state")
    rows = rows.filter(state=state) if state else rows.exclude(state=State.REMOVED)
    for name in BY_CONTENT:
        if name in chosen:
            rows = rows.filter(**{f"content__{name}": chosen[name]})
    if "origin" in chosen:
        rows = rows.filter(origin=chosen["origin"])
    if "tag" in chosen:
        rows = rows.filter(content__tags__contains=[chosen["tag"]])
    if text := chosen.get("q"):
        found = Q(key__icontains=text)
        for name in SEARCHED:
            found |= Q(**{f"content__{name}__icontains": text})
        rows = rows.filter(found)
    waits = When(If(state=State.PROPOSED, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.order_by(waits, "key")


def tags_and_languages(dataset: Dataset) -> tuple[list[str], list[str]]:
    """Those of the cases that are in the set, for people to choose from."""
    rows = CaseRevision.objects.filter(dataset=dataset).present().values_list("content__tags", "content__language")
    tags: set[str] = set()
    languages: set[str] = set()
    for its, language in rows:
        tags |= set(its or ())
        languages |= {language} if language else set()
    return sorted(tags), sorted(languages)


def _count(rows: QuerySet[CaseRevision] | QuerySet[Result], by: str) -> Subquery:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())
