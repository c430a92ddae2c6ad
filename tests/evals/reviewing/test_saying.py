"""Two alike settle an answer; where they differ a third has the last word; one's own last word can be taken back."""

from __future__ import annotations

import pytest

from evals.graders import GRADERS
from evals.models import Review
from evals.reviewing.queue import claim_next, send
from evals.reviewing.saying import NotNow, say, undo
from evals.reviewing.words import is_serious, keys_of, rubrics, words_of
from knowledge.access import Viewer
from tests.evals.factories import dataset, run_of
from tests.people import person

pytestmark = pytest.mark.django_db
TONE, RELEVANCE, GROUNDED = GRADERS["tone"], GRADERS["relevance"], GRADERS["groundedness"]


@pytest.fixture
def people() -> list[Viewer]:
    return [Viewer.of(person("agent", username=name)) for name in ("ann", "bob", "cy", "dee")]


def queued(grader: str = "tone") -> Review:
    send(run_of(dataset()).results.all(), grader, by=None)
    return Review.objects.get()


def test_two_alike_settle_it(people):
    review = queued()
    for viewer in people[:2]:
        said = say(viewer, review.pk, TONE, "stiff", reason="long words")
    review.refresh_from_db()
    assert (review.state, review.locked_by) == ("settled", None)
    assert review.settled_at is not None
    assert (said.label, said.score, said.passed, said.settles, said.is_human) == ("stiff", 0.6, False, False, True)
    with pytest.raises(NotNow, match="settled"):
        say(people[2], review.pk, TONE, "rude")
    assert review.gradings.count() == 2


def test_a_third_settles_what_two_see_differently(people):
    review = queued()
    say(people[0], review.pk, TONE, "fitting")
    say(people[1], review.pk, TONE, "rude")
    review.refresh_from_db()
    assert review.state == "disputed"
    assert claim_next(people[0], "tone") is None
    assert claim_next(people[2], "tone") == review
    last = say(people[2], review.pk, TONE, "stiff")
    review.refresh_from_db()
    assert (review.state, last.settles) == ("settled", True)
    assert claim_next(people[3], "tone") is None


def test_a_word_that_the_rubric_does_not_have_is_not_taken(people):
    review = queued()
    for word in ("", "splendid", "5"):
        with pytest.raises(NotNow, match="Choose"):
            say(people[0], review.pk, TONE, word)
    assert not review.gradings.exists()


def test_the_last_word_is_taken_back_as_if_it_had_never_been_said(people):
    review = queued()
    say(people[0], review.pk, TONE, "fitting")
    said = say(people[1], review.pk, TONE, "fitting")
    assert undo(people[1], said.pk).state == "open"
    assert review.gradings.count() == 1
    assert claim_next(people[1], "tone") == review
    assert say(people[1], review.pk, TONE, "rude")
    review.refresh_from_db()
    assert review.state == "disputed"


def test_what_others_have_built_on_stays(people):
    review = queued()
    first = say(people[0], review.pk, TONE, "fitting")
    say(people[1], review.pk, TONE, "rude")
    with pytest.raises(NotNow, match="since"):
        undo(people[0], first.pk)


def test_nobody_takes_back_the_word_of_another(people):
    review = queued()
    said = say(people[0], review.pk, TONE, "fitting")
    with pytest.raises(NotNow, match="nothing"):
        undo(people[1], said.pk)
    assert review.gradings.count() == 1


def test_points_are_pressed_as_they_are_given(people):
    review = queued("relevance")
    said = say(people[0], review.pk, RELEVANCE, "4")
    assert (said.points, said.score, said.passed) == (4, 0.75, True)
    assert [word.number for word in words_of(RELEVANCE)] == [1, 2, 3, 4, 5]


def test_without_labels_and_points_it_is_pass_or_fail(people):
    review = queued("groundedness")
    assert keys_of(GROUNDED) == ("pass", "fail")
    said = say(people[0], review.pk, GROUNDED, "fail")
    assert (said.score, said.passed, said.label) == (0.0, False, "")


def test_every_rubric_offers_words_with_scores_that_never_rise():
    assert {"tone", "relevance", "groundedness", "fact_vs_expert"} <= set(rubrics())
    assert "pairwise" not in rubrics()
    for grader in rubrics().values():
        scores = [word.score for word in words_of(grader)]
        assert scores == sorted(scores, reverse=not grader.has_points)
        assert max(scores) == 1
        assert min(scores) == 0
        assert any(word.passed for word in words_of(grader))
        assert not any(word.passed for word in words_of(grader) if is_serious(grader, word.key))


def test_a_label_is_worth_to_people_what_it_is_worth_to_the_judge():
    worth = {word.key: (word.score, word.passed) for word in words_of(GRADERS["fact_vs_expert"])}
    assert worth["superset"] == (0.8, True)
    assert worth["subset"] == (0.5, False)
    assert worth["conflict"] == (0.0, False)


def test_control_characters_do_not_break_the_store(people):
    review = queued()
    assert say(people[0], review.pk, TONE, "rude", reason="a\x00b" + "x" * 5_000).reason.startswith("abx")
