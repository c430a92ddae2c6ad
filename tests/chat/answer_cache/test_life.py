"""A saved answer ends with what it rests on (A49), and is answered anew to see whether it still holds."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.assistant import SavedAnswers
from chat.models import SavedAnswer, SavedLookup
from chat.rechecking import check_hits
from knowledge.models import Chunk, Document
from knowledge.removal import purge, remove
from llm.database import in_database
from llm.models import Call
from tests.chat.answer_cache.conftest import prepared
from tests.chat.conftest import finished_behind
from tests.chat.turns import answered, live_version
from tests.factories import article

pytestmark = pytest.mark.usefixtures("library", "nothing_is_left_behind")
QUESTION = "How do I close my online account?"
TITLE = "Closing your account"


@pytest.fixture
def exact() -> None:
    live_version(saved_answers=SavedAnswers(when="exact", customers=1, checked=1), follow_ups=False)


async def hit() -> SavedAnswer:
    """One customer was answered, and a second got the same."""
    await answered(QUESTION)
    await finished_behind()
    served = await answered(QUESTION)
    await finished_behind()
    assert served.saved_answer_id
    return await in_database(SavedAnswer.objects.get)


async def why_missed() -> str:
    reply = await answered(QUESTION)
    await finished_behind()
    assert reply.saved_answer_id is None
    lookup = await in_database(SavedLookup.objects.filter(reply=reply.pk).first)
    return lookup.why if lookup else "not looked up"


def closing() -> Document:
    return Document.objects.get(title=TITLE)


async def test_a49_a_removed_document_takes_its_answers_with_it_and_brings_them_back(exact):
    answer = await hit()
    await in_database(remove, await in_database(closing))
    assert not await in_database(SavedAnswer.objects.fresh().exists)
    assert (await answered(QUESTION)).saved_answer_id is None
    await finished_behind()
    await in_database(Document.objects.filter(title=TITLE).update, removed_at=None)
    assert await in_database(SavedAnswer.objects.fresh().filter(pk=answer.pk).exists)


async def test_a49_a_document_that_is_deleted_for_good_leaves_no_answer_behind(exact, settings):
    await hit()
    await in_database(remove, await in_database(closing))
    settings.KNOWLEDGE_UNDO_MINUTES = 0
    assert await in_database(purge) == 1
    assert not await in_database(SavedAnswer.objects.fresh().exists)


async def test_a49_an_answer_of_two_documents_ends_when_one_of_them_is_deleted(exact, settings):
    texts = await in_database(lambda: list(Chunk.objects.select_related("version__document").order_by("pk")))
    both = [chunk for chunk in texts if chunk.version.document.title in (TITLE, "Late fees")]
    await in_database(lambda: prepared(QUESTION, both, text="Open Settings. [1] A fee of $35 is due. [2]"))
    assert (await answered(QUESTION)).text.startswith("Open Settings. [1]")
    await finished_behind()
    settings.KNOWLEDGE_UNDO_MINUTES = 0
    await in_database(remove, await in_database(Document.objects.get, title="Late fees"))
    await in_database(purge)
    assert (await why_missed()).startswith("a source was deleted")


async def test_a49_a_new_version_of_the_document_ends_what_was_said_of_the_old_one(exact):
    await hit()

    def replaced() -> None:
        other = article("Closing in the new way", "To close your online account, call us.")
        newer = other.live_version_id
        Document.objects.filter(pk=other.pk).update(live_version=None)
        Document.objects.filter(title=TITLE).update(live_version=newer)

    await asyncio.to_thread(replaced)
    assert not await in_database(SavedAnswer.objects.fresh().exists)


async def test_a49_a_newer_document_that_fits_better_makes_it_a_miss(exact):
    await hit()
    newer = "How do I close my online account? Close my online account: since May I close my online account by phone."
    await asyncio.to_thread(article, "How do I close my online account", newer)
    assert (await why_missed()).startswith("the search finds something new")


async def test_a49_a_quarantined_answer_is_served_to_nobody(exact):
    answer = await hit()
    await in_database(SavedAnswer.objects.filter(pk=answer.pk).update, state="quarantined")
    assert (await answered(QUESTION)).saved_answer_id is None


async def test_a_hit_that_comes_out_differently_is_taken_out(exact):
    answer = await hit()
    await in_database(SavedAnswer.objects.filter(pk=answer.pk).update, text="A fee of $99 is due first. [1]")
    assert await check_hits() == 1
    checked = await in_database(SavedLookup.objects.get, outcome="hit")
    assert (checked.is_right, checked.was_checked) == (False, True)
    after = await in_database(SavedAnswer.objects.get)
    assert (after.state, after.reason) == ("quarantined", "answered anew, it came out differently")


async def test_one_that_a_person_holds_good_stays_and_its_error_is_counted(exact):
    answer = await hit()
    await in_database(SavedAnswer.objects.filter(pk=answer.pk).update, text="A fee of $99. [1]", is_pinned=True)
    await check_hits()
    assert (await in_database(SavedAnswer.objects.get)).state == "served"
    assert (await in_database(SavedLookup.objects.get, outcome="hit")).is_right is False


@pytest.mark.parametrize("is_due", [False, True])
async def test_a_right_hit_begins_its_time_anew_only_when_it_is_half_through(exact, is_due):
    answer = await hit()
    past, end = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)
    times = {"refresh_at": past if is_due else end, "expires_at": end}
    await in_database(lambda: SavedAnswer.objects.filter(pk=answer.pk).update(**times))
    assert await check_hits() == 1
    after = await in_database(SavedAnswer.objects.get)
    assert (after.state, after.text) == ("served", answer.text)
    assert (after.expires_at > end + timedelta(days=1)) is is_due
    assert (await in_database(SavedLookup.objects.get, outcome="hit")).is_right is True


async def test_an_answer_that_was_checked_is_not_checked_again(exact):
    await hit()
    assert await check_hits() == 1
    assert await check_hits() == 0
    assert await in_database(Call.objects.filter(purpose="check").count) == 1


async def test_a_model_that_is_away_leaves_the_answer_and_the_check_for_later(exact, settings, monkeypatch):
    answer = await hit()
    settings.LLM_RETRIES, settings.LLM_RETRY_SECONDS = 0, 0.1
    with monkeypatch.context() as broken:
        broken.setattr("chat.rechecking.scope_of", lambda *_: type("Same", (), {"assistant": answer.assistant}))
        settings.LLM_STRONG_MODEL, strong = "fault-500", settings.LLM_STRONG_MODEL
        assert await check_hits() == 0
        settings.LLM_STRONG_MODEL = strong
    assert (await in_database(SavedAnswer.objects.get)).state == "served"
    waiting = await in_database(SavedLookup.objects.get, outcome="hit")
    assert (waiting.is_check_wanted, waiting.was_checked, waiting.is_right) == (True, False, None)


async def test_what_another_model_or_version_would_say_is_no_check(exact, settings):
    await hit()
    settings.LLM_STRONG_MODEL = "another-model"
    assert await check_hits() == 0
    assert not await in_database(Call.objects.filter(purpose="check").exists)


async def test_nothing_is_checked_while_the_days_budget_is_low(exact, monkeypatch):
    await hit()
    monkeypatch.setattr("chat.rechecking.is_budget_low", lambda: True)
    assert await check_hits() == 0
