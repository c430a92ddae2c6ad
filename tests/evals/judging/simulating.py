"""People and a judge of known quality, who grade answers whose true word is known: what must come out is arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from app.models import User
from evals.grading import Grader
from evals.models import CaseRevision, Grading, JudgeProbe, Result, Review, Run
from evals.reviewing.words import keys_of, words_of
from tests.evals.factories import dataset
from tests.people import person

T = TypeVar("T")
Chances = Mapping[str, Mapping[str, float]]  # of each word, given the true one


@dataclass(frozen=True)
class Expected:
    """What the figures would be with endless answers."""

    judge: float
    people: float


def known(value: T | None) -> T:
    """What has to be there."""
    assert value is not None
    return value


def by_chance(keys: Sequence[str], right: float) -> Chances:
    """A rater who says the true word with this probability, and otherwise any other, each as likely."""
    wrong = (1 - right) / (len(keys) - 1)
    return {true: {word: right if word == true else wrong for word in keys} for true in keys}


def simulate(
    grader: Grader,
    *,
    answers: int,
    judge: Chances,
    people: Chances,
    truth: Mapping[str, float] | None = None,
    seed: int = 1,
    **more: Any,
) -> Expected:
    """Store answers, each graded by two people, a third where they differ, and the judge. `more` are columns of the
    judge's gradings.
    """
    keys = keys_of(grader)
    random = np.random.default_rng(seed)
    shares = np.array([(truth or dict.fromkeys(keys, 1 / len(keys)))[key] for key in keys])
    chances = {name: np.array([[of[true][word] for word in keys] for true in keys]) for name, of in
               (("judge", judge), ("people", people))}  # fmt: skip
    results, reviews = _answers(grader, answers)
    raters = [rater(name) for name in ("rater-1", "rater-2", "rater-3")]
    gradings = []
    for result, review, true in zip(results, reviews, random.choice(len(keys), answers, p=shares), strict=True):
        first, second, third = (keys[random.choice(len(keys), p=chances["people"][true])] for _ in range(3))
        said = [first, second] if first == second else [first, second, third]
        for place, word in enumerate(said):
            gradings.append(_word(grader, result, word, person=raters[place], review=review, settles=place == 2))
        word = keys[random.choice(len(keys), p=chances["judge"][true])]
        columns = {"version": grader.version, "model": grader.model, **more}
        gradings.append(_word(grader, result, word, reason="so it seems", **columns))
    Grading.objects.bulk_create(gradings)
    return _expected(shares, chances["judge"], chances["people"], weighted=grader.has_points)


def steady(grader: Grader, share: float = 1.0) -> JudgeProbe:
    """A probe in which so many of 20 answers got the same word each time."""
    one, other, *_ = keys_of(grader)
    words = [
        {"result": number, "round": round_, "word": other if number >= 20 * share and round_ == 1 else one, "score": 1}
        for number in range(20)
        for round_ in (1, 2)
    ]
    return JudgeProbe.objects.create(
        grader=grader.name, version=grader.version, kind="repeats", state="done", rounds=2, words=words
    )


def _answers(grader: Grader, count: int) -> tuple[list[Result], list[Review]]:
    """Each to a case of its own, settled by people."""
    made = dataset(slug="simulated")
    base = CaseRevision.objects.get(dataset=made, key="late-fee")
    first = CaseRevision.objects.filter(dataset=made).count()
    cases = CaseRevision.objects.bulk_create(
        CaseRevision(dataset=made, key=f"{grader.name}-{first}-{n}", content=base.content, hash="x")
        for n in range(count)
    )
    run = Run.objects.create(dataset_version=made.versions.latest("number"), state="done")
    results = Result.objects.bulk_create(
        Result(run=run, case=case, question="?", text="So.", answer={"text": "So."}) for case in cases
    )
    rows = (Review(result=result, grader=grader.name, state="settled") for result in results)
    return results, Review.objects.bulk_create(rows)


def _word(grader: Grader, result: Result, key: str, **more: Any) -> Grading:
    word = next(word for word in words_of(grader) if word.key == key)
    worth = {"label": word.label, "points": word.points, "score": word.score, "passed": word.passed}
    return Grading(result=result, grader=grader.name, outcome="scored", is_human="person" in more, **worth, **more)


def rater(name: str) -> User:
    return User.objects.filter(username=name).first() or person("agent", username=name)


def _expected(shares: np.ndarray, judge: np.ndarray, people: np.ndarray, *, weighted: bool) -> Expected:
    differ = 1 - (people**2).sum(1, keepdims=True)
    settled = people**2 + differ * people  # two alike, or the third's word
    with_judge = np.einsum("t,ta,tb->ab", shares, settled, judge)
    among = np.einsum("t,ta,tb->ab", shares, people, people)
    return Expected(_kappa(with_judge, weighted=weighted), _kappa(among, weighted=weighted))


def _kappa(joint: np.ndarray, *, weighted: bool) -> float:
    """Cohen's, straight from its definition."""
    place = np.arange(len(joint))
    apart = (place[:, None] - place) ** 2 if weighted else place[:, None] != place
    by_chance = np.outer(joint.sum(1), joint.sum(0))
    return float(1 - (apart * joint).sum() / (apart * by_chance).sum())
