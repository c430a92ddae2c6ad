"""The choice of each reply's model is kept: without personal data, and no longer than the reply."""

from __future__ import annotations

import json
import uuid

import pytest

from chat.assistant import ModelChoice
from chat.model_choice.keeping import is_picked
from chat.model_choice.sides import sides_of
from chat.models import Conversation, Route
from knowledge.access import Viewer
from llm.database import in_database
from tests.chat.conftest import finished_behind
from tests.chat.test_writing import BAKERY, FRESH, HOLDS, QUESTION, SAID, models
from tests.chat.tooling import says
from tests.chat.turns import answered, live_version
from tests.chat.versioning import changed

COMPARED = ModelChoice(easy="small", threshold=0, compared=1)


async def route_of(question: str, policy: ModelChoice) -> Route | None:
    await in_database(live_version, model_choice=policy, follow_ups=False)
    reply = await answered(question)
    await finished_behind()
    return await in_database(Route.objects.filter(reply=reply.pk).first)


@pytest.mark.usefixtures("library")
async def test_a_route_holds_the_choice_and_no_personal_data(settings):
    asked = "My mail is ann@example.com: how do I close my online account?"
    with models(settings, small=says(HOLDS)):
        route = await route_of(asked, COMPARED)
    assert route
    assert (route.first, route.served, route.held_back, route.rule) == ("small", "small", "", "")
    assert 0 < route.ease < 1
    assert set(route.signals) == {"triage", "best", "lead", "agreement", "short"}
    assert "[EMAIL_1]" in route.question
    assert "ann@" not in json.dumps([route.question, route.small, route.strong])
    assert (route.share, route.is_compared) == (0, False)  # a question with personal data is never compared


@pytest.mark.usefixtures("library")
async def test_of_an_answer_that_was_held_back_both_sides_are_known_at_once(settings):
    with models(settings, small=says(f"{SAID} [1] {BAKERY} [1]"), strong=says(FRESH)):
        route = await route_of(QUESTION, COMPARED)
    assert route
    assert (route.first, route.served, route.held_back, route.share) == ("small", "strong", "not borne out", 1)
    assert BAKERY in route.small["text"]
    assert (route.small["held_back"], route.strong["held_back"]) == ("not borne out", "")
    assert route.strong["text"] == FRESH
    assert [one["title"] for one in route.strong["sources"]] == ["Closing your account"]
    assert route.small["passages"] == route.strong["passages"]
    assert route.small["call"] == route.strong["call"] == str(route.reply)


@pytest.mark.usefixtures("library")
async def test_where_the_version_leaves_no_choice_nothing_is_kept(settings):
    with models(settings, strong=says(FRESH)):
        assert await route_of(QUESTION, ModelChoice()) is None


@pytest.mark.usefixtures("library")
async def test_with_its_conversation_a_route_is_deleted(settings):
    with models(settings, small=says(HOLDS)):
        assert await route_of(QUESTION, COMPARED)
    await in_database(Conversation.objects.all().delete)
    assert not await in_database(Route.objects.exists)


def test_a_share_of_the_turns_is_picked_and_always_the_same():
    turns = [uuid.uuid5(uuid.NAMESPACE_DNS, str(n)) for n in range(2_000)]
    picked = [turn for turn in turns if is_picked(turn, 0.3)]
    assert 540 < len(picked) < 660
    assert picked == [turn for turn in turns if is_picked(turn, 0.3)]
    assert not any(is_picked(turn, 0) for turn in turns)
    assert all(is_picked(turn, 1) for turn in turns)


@pytest.mark.parametrize(
    ("easy", "answers", "sides"),
    [
        ("strong", "strong", ("small", "strong")),
        ("small", "strong", ("small", "strong")),
        ("judge", "strong", ("judge", "strong")),
        ("small", "small", ("small", "strong")),
        ("strong", "judge", ("small", "judge")),
    ],
)
def test_there_are_always_two_sides(easy, answers, sides):
    assert sides_of(changed(model_choice={"easy": easy}, answer={"alias": answers})) == sides


@pytest.mark.django_db
def test_routes_are_for_those_who_manage_the_assistant():
    Route.objects.create(reply=uuid.uuid4(), ease=0.5, first="small")
    assert Route.objects.visible_to(Viewer(can_manage_assistant=True)).count() == 1
    assert not Route.objects.visible_to(Viewer(is_staff=True, can_manage_knowledge=True)).exists()
