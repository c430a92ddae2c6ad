"""Who gets which answer next: nobody twice, no two at once, and none a third time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from app.models import User
from evals.graders import GRADERS
from evals.models import Grading, Result, Review
from evals.reviewing import queue, saying
from evals.reviewing.queue import claim, claim_next, for_reviewer, give_back, hold, send, waiting
from knowledge.access import Viewer
from tests.evals.factories import case, dataset, grading, result, run_of
from tests.people import person

pytestmark = pytest.mark.django_db
TONE = GRADERS["tone"]


def viewer_of(name: str) -> Viewer:
    return Viewer.of(person("agent", username=name))


def answers(count: int = 1) -> list[Result]:
    run = run_of(dataset(*(case(f"case-{n}") for n in range(count))))
    return list(run.results.order_by("id"))


def queued(count: int = 1) -> list[Review]:
    send(answers(count), "tone", by=None)
    return list(Review.objects.order_by("id"))


def test_an_answer_is_sent_once_by_a_rubric_and_an_error_never():
    good = answers(2)
    broken = result(good[0].run, text="", error="provider_down", passed=None)
    assert send([*good, broken], "tone", by=None) == (2, 2)
    assert send([*good, broken], "tone", by=None) == (0, 2)
    assert send(good, "relevance", by=None) == (2, 2)
    assert not Review.objects.filter(result=broken).exists()


def test_two_reviewers_who_come_at_once_have_different_answers_open():
    queued(2)
    ann, bob = viewer_of("ann"), viewer_of("bob")
    first, second = claim_next(ann, "tone"), claim_next(bob, "tone")
    assert first
    assert second
    assert first != second
    assert claim_next(viewer_of("cy"), "tone") is None
    assert claim_next(ann, "tone") == first  # what one has open comes again


def test_what_was_left_open_too_long_goes_to_the_next():
    (review,) = queued()
    ann, bob = viewer_of("ann"), viewer_of("bob")
    assert claim_next(ann, "tone") == review
    assert claim(bob, review.pk) is None
    Review.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert claim_next(bob, "tone") == review
    assert not hold(ann, review.pk)
    assert hold(bob, review.pk)
    with pytest.raises(saying.NotNow, match="somebody else has it open"):
        saying.say(ann, review.pk, TONE, "fitting")


def test_what_is_given_back_goes_to_another_and_not_at_once_to_oneself():
    first, second = queued(2)
    ann = viewer_of("ann")
    assert claim_next(ann, "tone") == first
    give_back(ann, first.pk)
    assert claim_next(ann, "tone", passed_on=[first.pk]) == second
    assert claim_next(viewer_of("bob"), "tone") == first


def test_nobody_grades_an_answer_twice_nor_one_whose_judge_he_has_seen():
    graded, seen = queued(2)
    ann = viewer_of("ann")
    saying.say(ann, graded.pk, TONE, "fitting")
    grading(seen.result, "tone", by=User.objects.get(username="ann"), label="stiff")
    assert list(for_reviewer(ann, "tone")) == []
    assert claim_next(ann, "tone") is None
    with pytest.raises(saying.NotNow, match="before"):
        saying.say(ann, graded.pk, TONE, "fitting")
    assert len(for_reviewer(viewer_of("bob"), "tone")) == 2


def test_the_urgent_come_first_then_those_that_one_has_graded():
    run = run_of(dataset(*(case(f"case-{n}") for n in range(3))))
    plain, begun, urgent = run.results.order_by("id")
    send([plain, begun], "tone", by=None)
    send([urgent], "tone", by=None, priority=10)
    saying.say(viewer_of("ann"), begun.reviews.get().pk, TONE, "fitting")
    bob, order = viewer_of("bob"), []
    while review := claim_next(bob, "tone"):
        order.append(review.result)
        saying.say(bob, review.pk, TONE, "fitting")
    assert order == [urgent, begun, plain]


def test_who_is_not_staff_gets_nothing():
    (review,) = queued()
    customer = Viewer.of(person("customer"))
    assert claim_next(customer, "tone") is None
    assert claim(customer, review.pk) is None
    assert not hold(customer, review.pk)


def test_the_counts_are_those_of_one_reviewer():
    first, *_ = queued(3)
    ann, bob = viewer_of("ann"), viewer_of("bob")
    saying.say(ann, first.pk, TONE, "fitting")
    (of_ann,), (of_bob,) = waiting(ann, ["tone"]), waiting(bob, ["tone"])
    assert (of_ann.for_me, of_ann.mine, of_ann.open) == (2, 1, 3)
    assert (of_bob.for_me, of_bob.mine, of_bob.open) == (3, 0, 3)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_open_one_answer_twice_and_never_grade_it_three_times():
    """Six people with threads and connections of their own, at four answers."""
    queued(4)
    viewers = [viewer_of(f"reviewer-{n}") for n in range(6)]
    together = Barrier(len(viewers))

    def grade_all(viewer: Viewer) -> list[int]:
        together.wait(20)
        seen = []
        try:
            while review := claim_next(viewer, "tone"):
                seen.append(review.pk)
                saying.say(viewer, review.pk, TONE, "fitting")
        finally:
            connection.close()
        return seen

    with ThreadPoolExecutor(len(viewers)) as threads:
        seen = list(threads.map(grade_all, viewers))
    assert all(len(one) == len(set(one)) for one in seen)
    for review in Review.objects.all():
        assert review.gradings.count() <= review.wanted
    assert not Grading.objects.filter(settles=True).exists()
    for name in ("late", "later"):  # who found all of them open went home: what is left is for others
        viewer = viewer_of(name)
        while left := claim_next(viewer, "tone"):
            saying.say(viewer, left.pk, TONE, "fitting")
    assert set(Review.objects.values_list("state", flat=True)) == {"settled"}
    assert {review.gradings.count() for review in Review.objects.all()} == {2}


def test_the_queue_names_what_it_locks():
    (review,) = queued()
    ann = viewer_of("ann")
    claim_next(ann, "tone")
    review.refresh_from_db()
    assert review.locked_by_id == ann.user_id
    assert review.locked_until
    assert timezone.now() < review.locked_until <= timezone.now() + queue.LOCK
