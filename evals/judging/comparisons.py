"""A judge that compares, beside people who have compared the same two answers: of both models, to real questions.

People say their word before they know which model wrote which; only such words count here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from evals.graders.pairwise import ALIKE, EMPTY, OTHER_EMPTY, TURNED
from evals.grading import Grader, Outcome
from evals.judging.figures import Figures, Pair
from evals.judging.labels import Labels, among_people
from evals.judging.measuring import agreement_by
from evals.judging.steadiness import Steadiness
from evals.models import RouteVerdict
from evals.reviewing.words import is_serious, keys_of
from evals.statistics.intervals import proportion

FREE = (ALIKE, OTHER_EMPTY, EMPTY)  # words for which no model was asked


def figures_of_comparisons(grader: Grader, version: str | None = None) -> Figures:
    """The figures of a version of a judge that compares, or of the one that is on the shelf now. Three queries.

    `Pair.result` is the id of the route. What stands there word for word the same is no evidence of agreement.
    """
    version = version or grader.version
    labels = _labels(grader)
    said = RouteVerdict.objects.by_machines().filter(grader=grader.name, route__in=list(labels.settled))
    words = {(word.route_id, word.version): word for word in said.order_by("id")}
    pairs, left_out = _pair_up(grader, version, labels, words)
    both, clusters = [(pair.people, pair.judge) for pair in pairs], [pair.unit for pair in pairs]
    return Figures(
        grader=grader.name,
        version=version,
        labelled=len(labels.settled),
        pairs=tuple(pairs),
        left_out=left_out,
        raw=agreement_by(grader, both, clusters),
        weighted=None,
        people=among_people(grader, labels),
        seen=None,
        steady=_steadiness(grader, version),
    )


def _labels(grader: Grader) -> Labels:
    """Blind words that were not taken back; where people differ, the latest one holds."""
    found = Labels({}, defaultdict(list))
    columns = ("route_id", "label", "evidence", "route__question")
    said = RouteVerdict.objects.current().by_people().filter(outcome=Outcome.SCORED, label__in=keys_of(grader))
    for route, label, evidence, question in said.order_by("id").values_list(*columns):
        if any(isinstance(one, dict) and one.get("is_blind") for one in evidence):
            found.settled[route] = label
            found.said[route].append(label)
            found.units[route] = question.casefold() or f"route-{route}"
    return found


def _pair_up(
    grader: Grader, version: str, labels: Labels, words: dict[tuple[int, str], RouteVerdict]
) -> tuple[list[Pair], Counter[str]]:
    pairs, left_out = [], Counter[str]()
    judged = {route for route, _ in words}
    for route, people in labels.settled.items():
        word = words.get((route, version))
        if word is None:
            left_out["judged otherwise" if route in judged else "waiting"] += 1
        elif why := _why_not(word):
            left_out[why] += 1
        else:
            pairs.append(_pair(grader, word, people, labels.units[route]))
    return pairs, left_out


def _why_not(word: RouteVerdict) -> str:
    if word.is_demo:
        return "demo"
    if word.outcome != Outcome.SCORED:
        return "abstained" if word.outcome == Outcome.ABSTAINED else "broken"
    if word.reason in FREE:
        return "same text"
    return "old" if word.created_at < timezone.now() - timedelta(days=settings.EVALS_LICENCE_DAYS) else ""


def _pair(grader: Grader, word: RouteVerdict, people: str, unit: str) -> Pair:
    keys = keys_of(grader)
    distance = abs(keys.index(people) - keys.index(word.label))
    is_dangerous = is_serious(grader, people) and not is_serious(grader, word.label)
    return Pair(word.route_id, unit, people, word.label, word.created_at, is_dangerous, distance)


def _steadiness(grader: Grader, version: str) -> Steadiness:
    """It is asked in both orders, which is to be asked again: the same word is one that the order did not turn."""
    said = RouteVerdict.objects.by_machines().filter(grader=grader.name, version=version, is_demo=False)
    return _of(said.filter(outcome=Outcome.SCORED).exclude(reason__in=FREE).values_list("reason", flat=True))


def _of(reasons: Iterable[str]) -> Steadiness:
    turned = [reason.startswith(TURNED) for reason in reasons]
    same = proportion(len(turned) - sum(turned), len(turned))
    return Steadiness(same=same, flips=proportion(sum(turned), len(turned)))
