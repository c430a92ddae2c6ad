"""Which answers are worth people's time: of a run, of real turns, or where the judges say different things."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from evals.grading import Grader
from evals.models import Grading, Result, Run
from evals.models.runs import ResultQuerySet
from evals.reviewing.queue import A_SENDING
from evals.reviewing.words import key_of

FIRST = 10  # the priority of what customers disliked
OF_A_RUN = {
    "all": "All its answers",
    "failed": "Those that failed",
    "random": "Some of them, by chance",
    "disputed": "Where rules and this judge differ",
}


def of_run(run: Run, which: str, grader: str, *, count: int = 0) -> ResultQuerySet:
    """Answers of a run; `which` is a key of OF_A_RUN. At most `count` of them, chosen by chance, if it is given."""
    answered: ResultQuerySet = Result.objects.filter(run=run).exclude(text="").without_answers()
    if which == "failed":
        answered = answered.filter(passed=False)
    elif which == "disputed":
        answered = _disputed(answered, grader)
    return answered.order_by("?")[: min(count, A_SENDING)] if count else answered[:A_SENDING]


def disliked(limit: int = 200) -> ResultQuerySet:
    """Real turns with thumbs down, the latest first."""
    real: ResultQuerySet = Result.objects.filter(run__trigger=Run.Trigger.ONLINE, reply__feedback__verdict="down")
    return real.exclude(text="").order_by("-id")[:limit]


def judged_differently(grader: Grader, limit: int = 200) -> list[int]:
    """Ids of the answers on which the judge as it is now says another word than any earlier version of it did."""
    said = Grading.objects.filter(grader=grader.name, is_human=False, outcome="scored", is_demo=False, against=None)
    now = dict(_words(grader, said.filter(version=grader.version)))
    before = _words(grader, said.filter(result__in=now).exclude(version=grader.version))
    changed = {result for result, key in before if now[result] != key}
    return sorted(changed)[:limit]


def _words(grader: Grader, said: QuerySet[Grading]) -> Iterator[tuple[int, str]]:
    """Answers and the words on them, an answer's latest word last."""
    columns = ("result_id", "label", "points", "passed")
    for result, label, points, passed in said.order_by("id").values_list(*columns):
        yield result, key_of(grader, label, points, passed)


def _disputed(answers: ResultQuerySet, grader: str) -> ResultQuerySet:
    """Those that one finds good and the other not."""
    word = Grading.objects.by_machines().filter(result=OuterRef("pk"), grader=grader)
    by_judge_alone = Q(Exists(word.filter(passed=True)), passed=False)
    by_rules_alone = Q(Exists(word.filter(passed=False)), passed=True)
    return answers.filter(by_judge_alone | by_rules_alone)
