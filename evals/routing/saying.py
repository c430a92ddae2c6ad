"""A person's word on both answers, said without knowing which model wrote which.

The two stand as A and B in an order that belongs to the route. Whoever has seen which is which may still change his
word, but it is marked, and does not tell how far people agree with the judge.
"""

from __future__ import annotations

from hashlib import sha256

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from chat.models import Route
from evals.grading import Outcome
from evals.models import RouteVerdict
from evals.models.routing import RouteVerdictQuerySet
from evals.routing.pairs import BETTER, LOST, TIE, WORSE, both_readable
from knowledge.access import Viewer
from llm.cleaning import clean

LONGEST_REASON = 2_000  # characters
WANTED = 2  # people on a pair
FIRST, SECOND, PASS = "first", "second", "pass"
WORDS = {FIRST: "A is better", TIE: "Both are as good", SECOND: "B is better", PASS: "I cannot say"}


class Refused(Exception):
    """A word that cannot be taken; the message says why."""


def small_is_first(route: Route) -> bool:
    """Whether the small model's answer stands first, as A. It is a coin of the route's own, the same for everybody."""
    return bool(sha256(f"route {route.pk}".encode()).digest()[0] & 1)


def words_of(viewer: Viewer, route: Route) -> RouteVerdictQuerySet:
    """All that this person has said of it."""
    said = RouteVerdict.objects.visible_to(viewer).by_people()
    return said.filter(route=route, person=viewer.user_id) if viewer.user_id else said.none()


@transaction.atomic
def say(viewer: Viewer, route: Route, word: str, *, reason: str = "") -> RouteVerdict:
    """Keep this person's word, one of WORDS. An earlier one of his stays and counts no more.

    Raises `Refused`.
    """
    if word not in WORDS:
        raise Refused("Choose one of the words first.")
    Route.objects.select_for_update(no_key=True).get(pk=route.pk)  # two clicks at once are one after the other
    before = words_of(viewer, route)
    is_blind = not before.exists()
    before.update(is_current=False)
    label = _label(route, word)
    return RouteVerdict.objects.create(
        route=route,
        person_id=viewer.user_id,
        is_human=True,
        outcome=(Outcome.SCORED if label else Outcome.ABSTAINED).value,
        label=label,
        lost=LOST.get(label),
        reason=clean(reason).strip()[:LONGEST_REASON],
        evidence=[{"is_blind": is_blind}],
    )


def take_back(viewer: Viewer, route: Route) -> bool:
    """Let one's own word not count any more; it stays as an earlier one. False when there is none."""
    return bool(words_of(viewer, route).current().update(is_current=False))


def next_pair(viewer: Viewer, *, after: Route | None = None) -> Route | None:
    """Another pair to read, by chance: one whose small answer held, and on which this person has said no word yet.

    Those that one other person has read come first, since only two words tell how far people agree. Whoever read what
    he likes would tell of what he likes; ids of replies are as good as drawn.
    """
    mine = RouteVerdict.objects.by_people().filter(route=OuterRef("pk"), person=viewer.user_id)
    holding = both_readable(Route.objects.visible_to(viewer)).exclude(small_held_back__gt="").exclude(Exists(mine))
    people = Count("verdicts__person", filter=Q(verdicts__is_human=True, verdicts__is_current=True), distinct=True)
    others = holding.exclude(pk=after.pk) if after else holding
    found: Route | None = others.annotate(people=people).filter(people__lt=WANTED).order_by("-people", "reply").first()
    return found


def _label(route: Route, word: str) -> str:
    if word in {TIE, PASS}:
        return TIE if word == TIE else ""
    return BETTER if (word == FIRST) == small_is_first(route) else WORSE


def is_blind(word: RouteVerdict) -> bool:
    """Whether the person who said it had not been told before which answer was whose."""
    return any(one.get("is_blind") for one in word.evidence if isinstance(one, dict))
