"""Keeps what is learned away from what measures: no question of a case, none near it, and none of its cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q

from evals.distillation.candidates import Candidate
from evals.distillation.options import Options
from evals.distillation.vectors import Texts, nearness
from evals.models import CaseRevision

SHOWN = 20  # pairs in the report


@dataclass(frozen=True)
class GoldenCase:
    """A question that measures, and in which set."""

    name: str
    question: str


@dataclass(frozen=True)
class Near:
    """A question, and the case that is nearest to it, by the cosine or by the share of words."""

    question: str
    case: GoldenCase
    cosine: float
    overlap: float

    def as_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "case": self.case.name,
            "golden": self.case.question,
            "cosine": round(self.cosine, 3),
            "overlap": round(self.overlap, 3),
        }


def golden_cases() -> list[GoldenCase]:
    """Every question that was ever frozen into a set, and those that the next version would freeze; each once."""
    rows = CaseRevision.objects.filter(
        Q(versions__isnull=False) | Q(is_latest=True, state=CaseRevision.State.APPROVED)
    ).order_by("dataset__slug", "key", "revision")
    found: dict[str, GoldenCase] = {}
    for slug, key, content in rows.values_list("dataset__slug", "key", "content").distinct():
        said = [one.get("question", "") for one in content.get("history", ())]
        for question in [content.get("question", ""), *said]:
            if plain := " ".join(str(question).split()):
                found.setdefault(plain, GoldenCase(f"{slug}: {key}", plain))
    return list(found.values())


def nearest(candidates: Sequence[Candidate], asked: Texts, golden: Texts, cases: Sequence[GoldenCase]) -> list[Near]:
    """For each candidate the case that is nearest to any question in it. `asked` are all their questions, in order."""
    owners = np.repeat(np.arange(len(candidates)), [len(one.asked) for one in candidates])
    best: list[Near | None] = [None] * len(candidates)
    for block, cosines, overlaps in nearness(asked, golden):
        closeness = np.maximum(cosines, overlaps)
        for row, place in enumerate(range(block.start, block.stop)):
            column = int(closeness[row].argmax())
            near = Near(asked.texts[place], cases[column], float(cosines[row, column]), float(overlaps[row, column]))
            owner = int(owners[place])
            if (known := best[owner]) is None or _closeness(near) > _closeness(known):
                best[owner] = near
    return [one for one in best if one is not None]


def is_too_near(near: Near, options: Options) -> bool:
    return near.cosine >= options.likeness or near.overlap >= options.overlap


def report(kept: Sequence[Near], *, left_out: int, cases: int, options: Options) -> dict[str, Any]:
    """For people to look at: how near the nearest of what is kept is, and which those are."""
    ordered = sorted(kept, key=lambda near: (-_closeness(near), near.question, near.case.name))
    return {
        "cases": cases,
        "left_out": left_out,
        "limits": {"cosine": options.likeness, "overlap": options.overlap},
        "nearest_kept": round(_closeness(ordered[0]), 3) if ordered else None,
        "pairs": [near.as_json() for near in ordered[:SHOWN]],
    }


def _closeness(near: Near) -> float:
    return max(near.cosine, near.overlap)
