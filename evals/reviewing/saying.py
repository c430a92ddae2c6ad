"""A person's word on an answer, and what it makes of the review: two alike settle it, else a third does."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from evals.grading import Grader
from evals.models import Grading, Review
from evals.reviewing.queue import for_reviewer, is_held_by_another
from evals.reviewing.words import Word, key_of, rubrics, words_of
from knowledge.access import Viewer
from llm.cleaning import clean

LONGEST_REASON = 2_000  # characters
State = Review.State


class NotNow(Exception):
    """A word that cannot be taken (any more); the message says why. Some may be said again, in other words."""

    def __init__(self, message: str, *, may_try_again: bool = False) -> None:
        super().__init__(message)
        self.may_try_again = may_try_again


@transaction.atomic
def say(viewer: Viewer, review_id: int, grader: Grader, key: str, *, reason: str = "") -> Grading:
    """Keep the person's word, and settle the review where it can be. Raises `NotNow`."""
    review = _mine(viewer, review_id, grader)
    word = next((word for word in words_of(grader) if word.key == key), None)
    if word is None:
        raise NotNow("Choose one of the words first.", may_try_again=True)
    settles = review.state == State.DISPUTED
    said = Grading.objects.create(
        result_id=review.result_id,
        review=review,
        grader=grader.name,
        person_id=viewer.user_id,
        is_human=True,
        settles=settles,
        reason=clean(reason)[:LONGEST_REASON],
        **_worth(word),
    )
    _move(review, grader)
    return said


@transaction.atomic
def undo(viewer: Viewer, grading_id: int) -> Review:
    """Take back one's own last word, as if it had never been said. Raises `NotNow` when others have built on it."""
    mine = Grading.objects.visible_to(viewer).filter(is_human=True, person=viewer.user_id, review__isnull=False)
    said = mine.filter(pk=grading_id).first()
    grader = rubrics().get(said.grader) if said else None
    if said is None or grader is None:
        raise NotNow("There is nothing to take back.")
    review = Review.objects.select_for_update().get(gradings=said)
    if review.gradings.filter(pk__gt=said.pk).exists():
        raise NotNow("Somebody has graded this answer since, so your word stays.")
    said.delete()
    _move(review, grader)
    return review


def words_so_far(review: Review) -> list[Grading]:
    """What people said in this review, in their order."""
    return list(review.gradings.filter(is_human=True).order_by("pk"))


def _mine(viewer: Viewer, review_id: int, grader: Grader) -> Review:
    """The row, ours until the transaction ends. What another has open, or has ended meanwhile, is refused."""
    review = Review.objects.visible_to(viewer).filter(pk=review_id, grader=grader.name).select_for_update().first()
    if review is None:
        raise NotNow("This answer is not in the queue any more.")
    if review.state not in {State.OPEN, State.DISPUTED}:
        raise NotNow("Others have settled this answer meanwhile; your word was not needed any more.")
    if is_held_by_another(review, viewer):
        raise NotNow("Your time with this answer ran out, and somebody else has it open now.")
    if not for_reviewer(viewer, grader.name).filter(pk=review_id).exists():
        raise NotNow("You have graded this answer before.")
    return review


def _worth(word: Word) -> dict[str, object]:
    return {
        "outcome": Grading.Outcome.SCORED,
        "label": word.label,
        "points": word.points,
        "score": word.score,
        "passed": word.passed,
    }


def _move(review: Review, grader: Grader) -> None:
    """Bring the review into the state that its words make, and let go of it."""
    words = words_so_far(review)
    keys = [key_of(grader, said.label, said.points, said.passed) for said in words if not said.settles]
    if any(said.settles for said in words):
        review.state = State.SETTLED
    elif len(keys) < review.wanted:
        review.state = State.OPEN
    else:
        review.state = State.SETTLED if len(set(keys)) == 1 else State.DISPUTED
    review.settled_at = timezone.now() if review.state == State.SETTLED else None
    review.locked_by = review.locked_until = None
    review.save(update_fields=["state", "settled_at", "locked_by", "locked_until"])
