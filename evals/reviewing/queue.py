"""The queue of answers to be graded: who gets which next, and that nobody else has it meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from evals.models import Grading, Result, Review
from evals.models.review import ReviewQuerySet
from knowledge.access import Viewer

LOCK = timedelta(minutes=10)
A_SENDING = 1_000  # answers at once
State = Review.State


@dataclass(frozen=True)
class Waiting:
    """One rubric's part of the queue, for one reviewer."""

    grader: str
    for_me: int
    open: int
    disputed: int
    settled: int
    mine: int

    @property
    def is_known(self) -> bool:
        """Whether there is, or was, anything by this rubric."""
        return bool(self.open or self.disputed or self.settled)


def send(
    results: Iterable[Result], grader: str, *, by: int | None, reason: str = "", priority: int = 0
) -> tuple[int, int]:
    """Put answers into the queue of a rubric: how many are new there, and how many could be (an error is no answer).

    What was there before is left as it is.
    """
    wanted = [result.pk for result in results if result.text][:A_SENDING]
    there = set(Review.objects.filter(result__in=wanted, grader=grader).values_list("result_id", flat=True))
    new = [
        Review(result_id=pk, grader=grader, reason=reason[:200], priority=priority, created_by_id=by)
        for pk in dict.fromkeys(wanted)
        if pk not in there
    ]
    Review.objects.bulk_create(new, ignore_conflicts=True)
    return len(new), len(wanted)


def for_reviewer(viewer: Viewer, grader: str) -> ReviewQuerySet:
    """The open ones of a rubric that this person may still grade: nobody grades an answer twice, nor one on whose
    grade he has said a word elsewhere, with the judge's word before his eyes.
    """
    said = Grading.objects.filter(
        result=OuterRef("result"), grader=OuterRef("grader"), person=viewer.user_id, is_human=True
    )
    if not viewer.is_staff:
        return Review.objects.none()
    return Review.objects.open().filter(~Exists(said), grader=grader)


def claim_next(viewer: Viewer, grader: str, *, passed_on: Collection[int] = ()) -> Review | None:
    """The next one for this person, locked for a while; None when nothing is left, or others have the rest open.

    First what this person has open already, then by priority; of one priority those that wait for a last word, then
    those that one has graded.
    """
    mine = Q(locked_by=viewer.user_id, locked_until__gte=timezone.now())
    with transaction.atomic():
        free = for_reviewer(viewer, grader).filter(_is_free() | mine).exclude(pk__in=passed_on)
        begun = Exists(Grading.objects.filter(review=OuterRef("pk")))
        ordered = free.alias(begun=begun).order_by("-priority", "state", "-begun", "pk")
        held = ordered.filter(mine).select_for_update(skip_locked=True, of=("self",)).first()
        review = held or ordered.select_for_update(skip_locked=True, of=("self",)).first()
        if review:
            _lock(review, viewer)
    return review


def claim(viewer: Viewer, review_id: int) -> Review | None:
    """This one, locked for this person; None when it is not (any more) for him to grade, or another has it open."""
    with transaction.atomic():
        review = Review.objects.visible_to(viewer).filter(pk=review_id).select_for_update().first()
        if review is None or not for_reviewer(viewer, review.grader).filter(pk=review_id).exists():
            return None
        if is_held_by_another(review, viewer):
            return None
        _lock(review, viewer)
    return review


def hold(viewer: Viewer, review_id: int) -> bool:
    """Renew the lock of what this person still has open."""
    mine = Review.objects.visible_to(viewer).open().filter(pk=review_id, locked_by=viewer.user_id)
    return bool(mine.update(locked_until=timezone.now() + LOCK))


def give_back(viewer: Viewer, review_id: int) -> None:
    """Let another have it."""
    mine = Review.objects.visible_to(viewer).filter(pk=review_id, locked_by=viewer.user_id)
    mine.update(locked_by=None, locked_until=None)


def is_held_by_another(review: Review, viewer: Viewer) -> bool:
    is_locked = review.locked_until is not None and review.locked_until >= timezone.now()
    return is_locked and review.locked_by_id != viewer.user_id


def waiting(viewer: Viewer, graders: Iterable[str]) -> list[Waiting]:
    """How much there is to do and has been done, rubric by rubric."""
    states = Review.objects.visible_to(viewer).values_list("grader", "state").annotate(n=Count("pk")).order_by()
    count = {(grader, state): n for grader, state, n in states}
    blind = Grading.objects.visible_to(viewer).filter(is_human=True, review__isnull=False, person=viewer.user_id)
    mine = dict(blind.values_list("grader").annotate(n=Count("pk")).order_by())
    return [
        Waiting(
            grader,
            for_reviewer(viewer, grader).filter(_is_free() | Q(locked_by=viewer.user_id)).count(),
            count.get((grader, State.OPEN), 0),
            count.get((grader, State.DISPUTED), 0),
            count.get((grader, State.SETTLED), 0),
            mine.get(grader, 0),
        )
        for grader in graders
    ]


def _is_free() -> Q:
    return Q(locked_until=None) | Q(locked_until__lt=timezone.now())


def _lock(review: Review, viewer: Viewer) -> None:
    review.locked_by_id, review.locked_until = viewer.user_id, timezone.now() + LOCK
    review.save(update_fields=["locked_by", "locked_until"])
