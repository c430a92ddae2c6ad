"""All disliked turns and a fair share of the others are taken once, with the weights that they stand for."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import AssistantVersion, Feedback, Reply
from chat.versions.states import content_of, house
from evals.models import Result, Run
from evals.online.sampling import chance, sample
from tests.evals.online.traffic import turn

pytestmark = pytest.mark.django_db


def weights() -> dict[uuid.UUID, float]:
    return dict(Result.objects.values_list("reply", "weight"))


def test_chance_is_fair_and_the_same_each_time():
    ids = [uuid.uuid5(uuid.NAMESPACE_OID, str(n)) for n in range(20_000)]
    taken = sum(chance(one) < 0.05 for one in ids)
    assert 900 < taken < 1_100
    assert [chance(one) for one in ids[:50]] == [chance(one) for one in ids[:50]]


def test_disliked_turns_are_all_taken_and_of_the_others_those_that_chance_takes():
    disliked, lucky = turn(thumb="down", lucky=False), turn(lucky=True)
    turn(lucky=False)
    turn(lucky=False, thumb="up")
    assert sample() == 2
    assert weights() == {disliked.pk: 1, lucky.pk: 20}
    run = Run.objects.get()
    assert (run.trigger, run.state, run.dataset_version, run.expected) == ("online", "done", None, 2)
    assert run.circumstances["turns"] == {"disliked": 1, "rest": 3}


def test_a_second_pass_takes_nothing_twice():
    turn(lucky=True)
    assert (sample(), sample()) == (1, 0)
    assert Result.objects.count() == 1


def test_a_thumb_that_comes_later_moves_a_turn_and_one_that_is_taken_back_moves_it_again():
    sampled, left_out = turn(lucky=True), turn(lucky=False)
    sample()
    Feedback.objects.create(reply=sampled, verdict="down")
    Feedback.objects.create(reply=left_out, verdict="down")
    sample()
    assert weights() == {sampled.pk: 1, left_out.pk: 1}
    assert Run.objects.get().circumstances["turns"] == {"disliked": 2, "rest": 0}
    for feedback in Feedback.objects.all():
        feedback.verdict = "up"
        feedback.save()
    sample()
    assert weights() == {sampled.pk: 20, left_out.pk: 0}
    assert Run.objects.get().circumstances["turns"] == {"disliked": 0, "rest": 2}


def test_a_thumb_on_a_turn_of_last_week_is_taken_and_an_old_turn_without_is_not():
    week_ago = timezone.now() - timedelta(days=7)
    late = turn(at=week_ago, lucky=False)
    turn(at=week_ago, lucky=True)
    assert sample() == 0
    Feedback.objects.create(reply=late, verdict="down")
    assert sample() == 1
    assert Run.objects.get().circumstances["day"] == timezone.localdate(week_ago).isoformat()


def test_a_day_and_a_version_have_one_run_whose_share_stays(settings):
    content = content_of(house())
    other = AssistantVersion.objects.create(number=77, state="retired", **content)
    turn(lucky=True, share=0.05)
    turn(lucky=True, share=0.05, version=other)
    sample()
    settings.EVALS_ONLINE_SHARE = 1.0
    turn(lucky=False, share=0.05)
    yesterday = turn(at=timezone.now() - timedelta(days=1, minutes=30), lucky=False)  # a day before the others
    sample()
    assert {(run.circumstances["share"], run.results.count()) for run in Run.objects.all()} == {(0.05, 1), (1.0, 1)}
    assert Run.objects.count() == 3
    assert weights()[yesterday.pk] == 1


@pytest.mark.parametrize("status", [Reply.Status.STREAMING, Reply.Status.FAILED, Reply.Status.STOPPED])
def test_what_is_no_answer_is_not_graded(status):
    turn(status=status, thumb="down")
    assert sample() == 0


def test_a_reply_that_has_just_ended_waits_for_its_thumb():
    turn(at=timezone.now(), lucky=True)
    assert sample() == 0


def test_switched_off_it_takes_nothing(settings):
    settings.EVALS_ONLINE_SHARE = 0.0
    turn(thumb="down")
    assert sample() == 0
    assert not Run.objects.exists()


def test_only_the_ids_of_those_left_out_are_read(django_assert_max_num_queries):
    for _ in range(30):
        turn(lucky=False)
    with django_assert_max_num_queries(8):
        sample()
