"""Questions that both models answered, each with the word that counts: a person's before the judge's."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Exists, FloatField, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.fields.json import KT

from chat.models import Route
from evals.comparing.duels import judge_of_pairs
from evals.grading import Outcome
from evals.models import RouteVerdict

BETTER, TIE, WORSE = "better", "tie", "worse"
LOST = {BETTER: -1.0, TIE: 0.0, WORSE: 1.0}

HELD_BACK = Q(small_held_back__gt="")
FILTERS: dict[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "worse": ("Worse", Q(word=WORSE)),
    "better": ("Better", Q(word=BETTER)),
    "tie": ("As good", Q(word=TIE)),
    "open": ("Not judged", Q(word=None)),
    "held": ("Held back", HELD_BACK),
}


def both_answered(routes: QuerySet[Route]) -> QuerySet[Any]:
    """Those of which it is known what both models came to, with `small_held_back`: why the checks held the small one's
    answer back. One that was held back may have no text, such as a slow one."""
    known = routes.filter(is_compared=True, small__has_key="text", strong__has_key="text").exclude(strong__text="")
    told = known.annotate(small_held_back=KT("small__held_back"))
    return told.exclude(Q(small__text="") & (Q(small_held_back=None) | Q(small_held_back="")))


def both_readable(routes: QuerySet[Route]) -> QuerySet[Any]:
    """Those with a text by both models: what can be read beside each other."""
    return both_answered(routes).exclude(small__text="")


def with_words(routes: QuerySet[Any]) -> QuerySet[Any]:
    """Each with the word on the small model's answer that counts: `word`, `lost`, and whose it is.

    Of people it is the latest one's. A judge's counts only as the judge is now: another model or rubric is another
    judge. `word` is None where nobody has said one, or the judge abstained or broke.
    """
    judge = judge_of_pairs()
    said = RouteVerdict.objects.current().filter(route=OuterRef("pk"), outcome=Outcome.SCORED)
    counting = said.filter(Q(is_human=True) | Q(version=judge.version if judge else "")).order_by("-is_human", "-id")
    worded: QuerySet[Any] = routes.annotate(
        word=Subquery(counting.values("label")[:1], output_field=TextField()),
        lost=Subquery(counting.values("lost")[:1], output_field=FloatField()),
        by_person=Subquery(counting.values("is_human")[:1], output_field=BooleanField()),
        by_demo=Subquery(counting.values("is_demo")[:1], output_field=BooleanField()),
    )
    return worded


def judged_by(name: str, version: str) -> Exists:
    """Whether a version of a judge has spoken on the route, and did not break."""
    said = RouteVerdict.objects.by_machines().filter(route=OuterRef("pk"), grader=name, version=version)
    return Exists(said.exclude(outcome=Outcome.FAILED))
