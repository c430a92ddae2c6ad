"""A simulated judge of known quality: the figures come out as arithmetic says they must."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from evals.graders import GRADERS
from evals.judging.figures import figures_of, versions_of
from evals.judging.labels import labels_for
from evals.judging.spread import spread_of
from evals.judging.steadiness import padding_of, same_of
from evals.models import Grading, Result
from evals.reviewing.queue import send
from evals.reviewing.saying import say
from evals.reviewing.words import keys_of
from knowledge.access import Viewer
from tests.evals.factories import case, dataset, grading, run_of
from tests.evals.judging.simulating import by_chance, known, rater, simulate, steady
from tests.people import person

pytestmark = pytest.mark.django_db
TONE, RELEVANCE, GROUNDED = GRADERS["tone"], GRADERS["relevance"], GRADERS["groundedness"]


@pytest.mark.parametrize(("name", "right"), [("groundedness", 0.95), ("groundedness", 0.7), ("tone", 0.85)])
def test_the_judges_kappa_comes_out(name, right):
    grader = GRADERS[name]
    keys = keys_of(grader)
    expected = simulate(grader, answers=400, judge=by_chance(keys, right), people=by_chance(keys, 0.9))
    found = figures_of(grader)
    assert known(found.kappa).value == pytest.approx(expected.judge, abs=0.08)
    assert known(found.kappa).low < expected.judge < known(found.kappa).high
    assert known(found.people.kappa).value == pytest.approx(expected.people, abs=0.08)
    assert known(found.people.alpha).value == pytest.approx(expected.people, abs=0.08)
    assert (found.labelled, len(found.pairs), found.cases) == (400, 400, 400)


def test_points_are_weighted_by_their_distance():
    near = {str(p): {str(q): 0.6 if p == q else 0.4 / len(around(p)) if q in around(p) else 0 for q in range(1, 6)}
            for p in range(1, 6)}  # fmt: skip
    expected = simulate(RELEVANCE, answers=400, judge=near, people=by_chance(keys_of(RELEVANCE), 0.9))
    found = figures_of(RELEVANCE)
    assert known(found.kappa).value == pytest.approx(expected.judge, abs=0.08)
    assert (
        known(known(found.raw).kappa).value < known(known(found.weighted).kappa).value - 0.1
    )  # a point beside is no grave error


def around(points: int) -> list[int]:
    return [other for other in (points - 1, points + 1) if 1 <= other <= 5]


def test_dangerous_is_where_people_find_harm_and_the_judge_is_content():
    run = run_of(dataset(*(case(f"case-{n}") for n in range(4))))
    words = [("1", 5), ("2", 4), ("3", 5), ("1", 2)]  # of people, of the judge
    for row, (people, judge) in zip(run.results.order_by("id"), words, strict=True):
        settle(row, "relevance", people)
        grading(row, "relevance", points=judge, passed=judge >= 4, version=RELEVANCE.version)
    found = figures_of(RELEVANCE)
    assert [(pair.people, pair.judge) for pair in found.dangerous] == [("1", "5"), ("2", "4")]
    assert [(pair.people, pair.judge) for pair in found.worst_first] == [("1", "5"), ("2", "4"), ("3", "5"), ("1", "2")]
    assert known(found.danger).value == 0.5


def settle(row: Result, grader: str, key: str) -> None:
    """Two people say the same."""
    send([row], grader, by=None)
    for name in ("rater-1", "rater-2"):
        say(Viewer.of(rater(name)), row.reviews.get(grader=grader).pk, GRADERS[grader], key)


def test_what_does_not_count_is_counted_apart():
    run = run_of(dataset(*(case(f"case-{n}") for n in range(7))))
    rows = list(run.results.order_by("id"))
    for row in rows:
        settle(row, "tone", "stiff")
    now = TONE.version
    grading(rows[0], "tone", label="stiff", version=now)
    grading(rows[1], "tone", label="stiff", version=now, is_demo=True)
    grading(rows[2], "tone", outcome="abstained", version=now)
    grading(rows[3], "tone", outcome="failed", version=now)
    grading(rows[4], "tone", label="stiff", version="another")
    grading(rows[5], "tone", label="stiff", version=now)
    Grading.objects.filter(result=rows[5], is_human=False, grader="tone").update(
        created_at=timezone.now() - timedelta(days=181)
    )
    found = figures_of(TONE)
    assert len(found.pairs) == 1
    assert found.left_out == {"demo": 1, "abstained": 1, "broken": 1, "another": 1, "too_old": 1, "ungraded": 1}
    assert found.kappa is None  # one pair, one word
    assert set(versions_of(TONE, labels_for(TONE))) == {now, "another"}
    spread = spread_of(TONE)
    assert dict(spread.words)["stiff"] == 2
    assert (spread.demo, spread.abstained, spread.broken) == (1, 1, 1)


def test_a_word_that_was_said_with_the_judges_before_ones_eyes_is_shown_and_does_not_decide():
    run = run_of(dataset(case("blind"), case("seen")))
    for row in run.results.all():
        grading(row, "tone", label="rude", version=TONE.version)
    settle(run.results.get(case__key="blind"), "tone", "fitting")
    ann = person("agent", username="ann")
    grading(run.results.get(case__key="seen"), "tone", by=ann, label="rude")
    taken_back = grading(run.results.get(case__key="blind"), "tone", by=ann, label="rude")
    Grading.objects.filter(pk=taken_back.pk).update(is_current=False)
    found = figures_of(TONE)
    assert [(pair.people, pair.judge) for pair in found.pairs] == [("fitting", "rude")]
    assert (known(found.seen).n, known(found.seen).raw) == (1, 1.0)


def test_disputed_answers_tell_of_people_and_not_of_the_judge():
    run = run_of(dataset())
    row = run.results.get()
    grading(row, "tone", label="stiff", version=TONE.version)
    send([row], "tone", by=None)
    for name, word in (("ann", "stiff"), ("bob", "rude")):
        say(Viewer.of(person("agent", username=name)), row.reviews.get().pk, TONE, word)
    found = figures_of(TONE)
    assert (found.labelled, found.pairs) == (0, ())
    assert known(found.people.agreement).confusion["stiff", "rude"] == 1


def test_a_case_that_was_asked_often_is_one_case():
    run = run_of(dataset(), {"late-fee": [True, True, True]})
    for row in run.results.all():
        settle(row, "tone", "stiff")
        grading(row, "tone", label="stiff", version=TONE.version)
    found = figures_of(TONE)
    assert (len(found.pairs), found.cases) == (3, 1)


def test_repeats_say_how_often_the_word_is_the_same():
    assert figures_of(TONE).steady.same is None
    steady(TONE, 0.8)
    same = known(figures_of(TONE).steady.same)
    assert same.value == pytest.approx(0.8)
    words = [{"result": 1, "round": n, "word": word, "score": 1} for n, word in enumerate("aab", start=1)]
    words += [{"result": 2, "round": n, "word": word, "score": 1} for n, word in enumerate(["c", "c", ""], start=1)]
    assert known(same_of(words)).value == pytest.approx((1 / 3 + 1) / 2)


def test_padding_says_how_much_length_is_worth():
    words = [{"result": n, "round": r, "word": "x", "score": score}
             for n, scores in enumerate([(0.5, 0.75), (0.25, 0.25), (1.0, 1.0), (0.5, None)])
             for r, score in enumerate(scores, start=1)]  # fmt: skip
    assert known(padding_of(words)).value == pytest.approx(0.25 / 3)
