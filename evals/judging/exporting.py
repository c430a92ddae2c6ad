"""The words of people and of a judge side by side, for other tools and for training a cheaper judge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evals.grading import Grader
from evals.judging.labels import labels_for
from evals.models import Grading, Result
from evals.reviewing.words import key_of
from evals.running.grades import case_of

COLUMNS = (
    "result", "question", "expert_answer", "answer", "people", "settled", "blind", "judge", "judge_version",
    "judge_model", "judge_outcome", "judge_reason", "is_demo",
)  # fmt: skip
A_BATCH = 200


def pairs_of(grader: Grader) -> Iterator[dict[str, Any]]:
    """Each answer that people graded, with what they said and what the judge says now. Columns as in COLUMNS."""
    labels = labels_for(grader)
    wanted = sorted({*labels.said, *labels.settled, *labels.seen})
    for start in range(0, len(wanted), A_BATCH):
        batch = Result.objects.filter(pk__in=wanted[start : start + A_BATCH]).select_related("case").order_by("pk")
        said = Grading.objects.filter(result__in=[one.pk for one in batch], grader=grader.name, against=None)
        judged = {one.result_id: one for one in said.by_machines()}
        for result in batch:
            yield _pair(grader, result, labels.said.get(result.pk, []), labels, judged.get(result.pk))


def _pair(grader: Grader, result: Result, said: list[str], labels: Any, judged: Grading | None) -> dict[str, Any]:
    case = case_of(result)
    is_blind = bool(said)
    return {
        "result": result.pk,
        "question": case.question,
        "expert_answer": case.expert_answer,
        "answer": result.text,
        "people": ", ".join(said if is_blind else [labels.seen[result.pk]]),
        "settled": labels.settled.get(result.pk, ""),
        "blind": is_blind,
        "judge": key_of(grader, judged.label, judged.points, judged.passed) if judged else "",
        "judge_version": judged.version if judged else "",
        "judge_model": judged.model if judged else "",
        "judge_outcome": judged.outcome if judged else "",
        "judge_reason": judged.reason if judged else "",
        "is_demo": judged.is_demo if judged else False,
    }
