"""What customers think of a reply: given under it, and read by staff."""

from __future__ import annotations

from chat import answer_cache
from chat.models import Feedback, FeedbackQuerySet, Reply
from knowledge.access import Viewer

FILTERS = {"all": "All", "down": "Not helpful", "commented": "With a comment"}


def list_feedback(viewer: Viewer, which: str = "all") -> FeedbackQuerySet:
    """What this viewer may read, the latest first, with question and reply. `which` is a key of FILTERS."""
    feedback = Feedback.objects.visible_to(viewer).select_related("reply__question")
    if which == "down":
        return feedback.filter(verdict=Feedback.Verdict.DOWN)
    if which == "commented":
        return feedback.exclude(comment="")
    return feedback


def count_feedback(viewer: Viewer) -> dict[str, int]:
    """How many there are under each key of FILTERS."""
    return {which: list_feedback(viewer, which).count() for which in FILTERS}


def give(reply: Reply, *, verdict: str, comment: str = "") -> Feedback:
    """Store a thumb and its comment: one for each reply, the last word counts, a new thumb keeps the comment."""
    if verdict == Feedback.Verdict.DOWN:
        answer_cache.doubt(reply, "a customer found it not helpful")
    values = {"verdict": verdict} | ({"comment": comment} if comment else {})
    return Feedback.objects.update_or_create(reply=reply, defaults=values)[0]
