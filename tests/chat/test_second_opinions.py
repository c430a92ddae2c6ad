"""The other model answers what one was chosen for, behind the customers' backs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.assistant import ModelChoice
from chat.models import Conversation, Reply, Route
from chat.second_opinions import ask_others
from knowledge.models import Document
from knowledge.removal import remove
from llm.database import in_database
from llm.models import Call
from tests.chat.conftest import finished_behind
from tests.chat.test_writing import BAKERY, FRESH, HOLDS, QUESTION, SAID, models
from tests.chat.tooling import calls, says
from tests.chat.turns import answered, live_version

RISKY = "My lawyer asks: how do I close my online account?"
SMALL_FIRST = ModelChoice(easy="small", threshold=0, compared=1)


@pytest.fixture(autouse=True)
async def compared(library: None) -> AsyncIterator[None]:
    await in_database(live_version, model_choice=SMALL_FIRST, follow_ups=False)
    yield
    await finished_behind()


async def asked(question: str) -> Reply:
    reply = await answered(question)
    await finished_behind()
    return reply


async def the_route() -> Route:
    return await in_database(Route.objects.get)


async def test_the_strong_model_answers_behind_what_the_small_one_was_shown_for(settings):
    with models(settings, small=says(HOLDS), strong=says(FRESH, lacks=HOLDS)) as (small, strong):
        reply = await asked(QUESTION)
        assert await ask_others() == 1
        assert await ask_others() == 0
        assert strong.calls[0]["messages"] == small.calls[0]["messages"]  # the very same passages
    route = await the_route()
    assert (route.small["text"], route.strong["text"], route.served) == (HOLDS, FRESH, "small")
    assert route.strong["passages"] == route.small["passages"]
    assert (await in_database(Reply.objects.get)).text == reply.text == HOLDS
    call = await in_database(lambda: Call.objects.get(purpose="compare"))
    assert (str(call.turn), call.alias) == (route.strong["call"], "strong")
    assert call.turn != reply.pk  # what the reply took is not counted up


async def test_the_small_models_answer_is_checked_as_if_it_had_been_asked_first(settings):
    with models(settings, small=says(f"{SAID} [1] {BAKERY} [1]"), strong=says(FRESH)):
        await asked(RISKY)
        assert await ask_others() == 1
    route = await the_route()
    assert (route.rule, route.served, route.held_back) == ("risk: legal", "strong", "")
    assert (route.small["held_back"], route.strong["text"]) == ("not borne out", FRESH)


async def test_a_document_that_was_removed_in_between_is_given_to_nobody(settings):
    with models(settings, small=says(HOLDS)):
        await asked(QUESTION)
        await in_database(lambda: remove(Document.objects.get(title="Late fees")))  # one that was not even cited
        assert await ask_others() == 0
    assert ((await the_route()).strong, (await the_route()).tried) == ({}, 3)


async def test_what_needs_a_tool_now_is_given_up_and_nothing_is_looked_up(settings):
    with models(settings, small=says(HOLDS), strong=calls(("open_ticket", {"subject": "x", "message": "y"}))):
        await asked(QUESTION)
        assert await ask_others() == 0
    assert ((await the_route()).strong, (await the_route()).tried) == ({}, 3)


async def test_after_three_times_in_vain_it_is_given_up(settings):
    with models(settings, small=says(HOLDS)):  # the strong model does not exist
        await asked(QUESTION)
        assert [await ask_others() for _ in range(4)] == [0, 0, 0, 0]
    assert (await the_route()).tried == 3
    assert await in_database(Call.objects.filter(purpose="compare").count) == 3


async def test_nothing_is_asked_while_the_budget_is_low_or_small_models_are_off_or_the_reply_is_gone(settings):
    with models(settings, small=says(HOLDS)):
        await asked(QUESTION)
        settings.CHAT_SMALL_SECONDS = 0
        assert await ask_others() == 0
        settings.CHAT_SMALL_SECONDS, settings.CHAT_DAILY_BUDGET_USD = 6, 0.000001
        await in_database(Call.objects.update, cost_microdollars=1_000)
        assert await ask_others() == 0
        settings.CHAT_DAILY_BUDGET_USD = 0
        await in_database(Conversation.objects.all().delete)
        assert await ask_others() == 0
    assert not await in_database(Call.objects.filter(purpose="compare").exists)
