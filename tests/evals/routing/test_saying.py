"""People compare both answers without knowing which model wrote which; their word goes before the judge's."""

from __future__ import annotations

import uuid

import pytest

from app.models import User
from chat.models import Route
from evals.judging.licences import licence_of
from evals.models import RouteVerdict
from evals.routing import saying
from evals.routing.pairs import TIE, both_answered, with_words
from knowledge.access import Viewer
from tests.evals.routing import made
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Viewer:
    return Viewer.of(person("admin"))


def word_on(route: Route) -> str | None:
    found: str | None = with_words(both_answered(Route.objects.filter(pk=route.pk))).get().word
    return found


def test_the_order_is_a_coin_of_the_route_and_says_nothing_of_the_model():
    routes = [Route(pk=number) for number in range(400)]
    firsts = [saying.small_is_first(route) for route in routes]
    assert firsts == [saying.small_is_first(route) for route in routes]
    assert 150 < sum(firsts) < 250


def test_a_word_is_turned_into_what_it_says_of_the_small_model(viewer):
    for number in range(8):
        one = made.compared()
        said = saying.say(viewer, one, saying.FIRST, reason=f"because {number}")
        assert said.label == ("better" if saying.small_is_first(one) else "worse")
        assert said.lost == (-1.0 if saying.small_is_first(one) else 1.0)
        assert word_on(one) == said.label
    assert {word.label for word in RouteVerdict.objects.all()} == {"better", "worse"}


def test_a_persons_word_goes_before_the_judges_until_it_is_taken_back(viewer):
    one = made.compared()
    made.said(one, "worse")
    assert word_on(one) == "worse"
    saying.say(viewer, one, TIE)
    assert word_on(one) == "tie"
    assert saying.take_back(viewer, one)
    assert word_on(one) == "worse"
    assert not saying.take_back(viewer, one)
    assert RouteVerdict.objects.by_people().count() == 1  # the history stays


def test_who_has_seen_which_is_which_is_not_blind_any_more(viewer):
    one = made.compared()
    assert saying.is_blind(saying.say(viewer, one, saying.PASS))
    assert word_on(one) is None  # who cannot say has said nothing
    again = saying.say(viewer, one, TIE)
    assert not saying.is_blind(again)
    assert word_on(one) == "tie"
    assert RouteVerdict.objects.by_people().current().get() == again


def test_only_a_word_that_there_is_is_taken(viewer):
    with pytest.raises(saying.Refused):
        saying.say(viewer, made.compared(), "small")
    assert not RouteVerdict.objects.exists()


def test_the_next_pair_is_one_that_still_needs_this_persons_word(viewer):
    first, second = made.compared(), made.compared()
    made.compared(first="small", held_back="form")
    made.route()
    saying.say(viewer, first, TIE)
    assert saying.next_pair(viewer) == second
    assert saying.next_pair(viewer, after=second) is None
    other = Viewer.of(person("admin", username="another"))
    assert saying.next_pair(other) == first  # a second word tells how far people agree
    saying.say(other, first, TIE)
    assert saying.next_pair(Viewer.of(person("admin", username="third"))) == second
    assert saying.next_pair(Viewer.of(person("agent"))) is None


def test_blind_words_of_people_make_the_licence_of_the_judge(viewer, settings):
    settings.LLM_DEMO = False
    assert "No person has compared" in licence_of("pairwise").why[0]
    people = [User.objects.get(), person("admin", username="second")]
    for number in range(66):
        one = Route.objects.create(reply=uuid.uuid4(), assistant="x", question=f"{number}?", ease=0.5, first="strong")
        label = ("tie", "worse", "better")[number % 3]
        made.said(one, label)
        for who in people:
            made.said(one, label, person=who, evidence=[{"is_blind": True}])
    licence = licence_of("pairwise")
    assert licence.may_gate, licence.why
    assert licence.figures
    assert licence.figures.cases == 66
    RouteVerdict.objects.by_people().update(evidence=[{"is_blind": False}])
    assert "No person has compared" in licence_of("pairwise").why[0]
    RouteVerdict.objects.by_people().update(evidence=[{"is_blind": True}])
    RouteVerdict.objects.by_machines().update(label="tie", lost=0)
    assert not licence_of("pairwise").may_trend
