"""A50: what was answered to one customer reaches no other, unless it holds nothing of him; any mismatch is a miss."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from django.conf import settings

from chat import guarding
from chat import turn as turns
from chat.answer_cache import learning
from chat.answer_cache.eligibility import why_not_asked
from chat.assistant import SavedAnswers
from chat.context import Turn
from chat.models import Reply, SavedAnswer, SavedLookup
from chat.versions.states import live_version as live
from knowledge.access import Viewer
from knowledge.models import EmbeddingModel
from knowledge.search import Found, Meaning, Passage
from llm.database import in_database
from tests import standin
from tests.chat.answer_cache.conftest import observe
from tests.chat.conftest import finished_behind
from tests.chat.tooling import calls, says
from tests.chat.turns import answered, live_version, no_promises

pytestmark = pytest.mark.usefixtures("library", "nothing_is_left_behind")
QUESTION = "How do I close my online account?"
ANSWER = "Open Settings and choose Close account. [1]"


@pytest.fixture
def alike() -> None:
    """Everything of the same meaning may be served, after one customer, as sure as can be learned."""
    live_version(saved_answers=SavedAnswers(when="alike", customers=1, errors=0.1), follow_ups=False)
    observe(300, 40)
    learning.learn_all()


async def served_after(saved: str, asked: str) -> Reply:
    """What the second customer gets for `asked` after a first asked `saved`."""
    await answered(saved)
    await finished_behind()
    assert await in_database(SavedAnswer.objects.filter(state="served").exists)
    reply = await answered(asked)
    await finished_behind()
    return reply


async def written(question: str, *lines: str, conversation: uuid.UUID | None = None) -> Reply:
    strong = settings.LLM_STRONG_MODEL
    with standin.script(*({"reply": {"text": line}} for line in lines)) as played:
        settings.LLM_STRONG_MODEL = played.model
        try:
            reply = await answered(question, conversation)
            await finished_behind()
        finally:
            settings.LLM_STRONG_MODEL = strong
    return reply


@pytest.mark.parametrize(
    "question",
    [
        "My name is Ann Miller. How do I close my online account?",
        "I'm Ann, how do I close my online account?",
        "How do I close the online account of loan 4711?",
        "How do I close my online account, my loan number is AB-47110?",
        "Call me at +1-900-555-0142: how do I close my online account?",
        "How do I close the online account 4711 2290 88?",
        "Me llamo Ann. ¿Cómo cierro mi cuenta en línea?",
    ],
)
async def test_a50_a_question_that_tells_who_asks_is_neither_looked_up_nor_saved(alike, question):
    await written(question, "Ann, for loan 4711: open Settings and choose Close account. [1]")
    assert not await in_database(SavedAnswer.objects.exists)
    assert not await in_database(SavedLookup.objects.filter(reply__isnull=False).exists)


@pytest.mark.parametrize("answer", ["Ann, open Settings. [1]", "Open Settings, Ann, and choose Close account. [1]"])
async def test_a50_an_answer_that_speaks_to_the_person_is_not_saved(alike, answer):
    await written("ann here: how do I close the online account?", answer)
    assert not await in_database(SavedAnswer.objects.exists)


async def test_a50_what_was_written_with_an_earlier_question_in_mind_is_not_saved(alike):
    conversation = uuid.uuid4()
    await written("I'm Ann, loan 4711. What is the late fee?", "A late fee of $35. [1]", conversation=conversation)
    await written(QUESTION, "Ann, for loan 4711 open Settings. [1]", conversation=conversation)
    assert not await in_database(SavedAnswer.objects.exists)
    theirs = await answered(QUESTION)
    assert "Ann" not in theirs.text
    assert "4711" not in theirs.text


async def test_a50_two_at_once_do_not_share_what_one_of_them_said_of_himself(alike):
    of_ann = "I'm Ann with loan 4711, how do I close my online account?"
    first, second = await asyncio.gather(answered(of_ann), answered(QUESTION))
    assert (first.saved_answer_id, second.saved_answer_id) == (None, None)
    assert "4711" not in second.text


@pytest.mark.parametrize(
    ("saved", "asked", "why"),
    [
        ("How do I close my online account?", "How do I not close my online account?", "differs"),
        ("How do I close my online account?", "¿Cómo cierro mi cuenta en línea?", "no saved answer is near"),
        ("How do I close 1 online account?", "How do I close 2 online accounts?", "differs"),
        ("How do I close my Zillow account?", "How do I close my Redfin account?", "differs"),
        ("How do I close my online account?", "How do I open my online account?", "differs"),
    ],
)
async def test_a50_a_mismatch_is_a_miss(alike, saved, asked, why):
    reply = await served_after(saved, asked)
    assert reply.saved_answer_id is None
    lookup = await in_database(SavedLookup.objects.get, reply=reply.pk)
    assert (lookup.outcome, lookup.why.startswith(why)) == ("miss", True), lookup.why


async def test_a50_the_same_question_in_other_words_is_a_hit_there(alike):
    """Without this the mismatches above would prove nothing."""
    reply = await served_after(QUESTION, "How can I close the online account?")
    lookup = await in_database(SavedLookup.objects.get, reply=reply.pk)
    assert (lookup.outcome, lookup.how, lookup.why) == ("hit", "alike", "")
    assert reply.saved_answer_id == lookup.answer_id


async def test_a50_an_answer_with_a_tool_is_not_saved(alike, settings):
    policy = SavedAnswers(when="alike", customers=1)
    await in_database(lambda: live_version(saved_answers=policy, tools=("search_help_center",), follow_ups=False))
    wanted = calls(("search_help_center", {"query": "close account"}))
    with standin.script(wanted, says(ANSWER)) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = await answered(QUESTION)
        await finished_behind()
    assert reply.lookups
    assert not await in_database(SavedAnswer.objects.exists)
    lookup = await in_database(SavedLookup.objects.get, reply=reply.pk)
    assert lookup.why.endswith("rests on a look-up")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"reply": {"text": ANSWER}, "finish_reason": "length"}, "did not end by itself"),
        ({"reply": {"text": "Ask us by phone."}}, "cites nothing"),
    ],
)
async def test_a50_an_answer_that_is_cut_or_cites_nothing_is_not_saved(alike, settings, line, why):
    if why.startswith("did"):
        settings.LLM_STRONG_MODEL = "fault-length-4"
        reply = await answered(QUESTION)
    else:
        reply = await written(QUESTION, line["reply"]["text"])
    await finished_behind()
    assert not await in_database(SavedAnswer.objects.exists)
    lookup = await in_database(SavedLookup.objects.get, reply=reply.pk)
    assert lookup.why.endswith(why)


async def test_a50_a_refused_question_is_not_saved(alike, settings):
    settings.LLM_STRONG_MODEL = "fault-content-filter"
    reply = await answered(QUESTION)
    await finished_behind()
    assert reply.status == "refused"
    assert not await in_database(SavedAnswer.objects.exists)


@pytest.mark.parametrize("limited", ["embedding_unavailable", "reembedding"])
async def test_a50_a_limited_search_is_not_looked_up(alike, limited):
    version = await in_database(live)
    model = await in_database(EmbeddingModel.objects.get)
    passage = Passage(1, uuid.uuid4(), 1, "T", "", None, "Open Settings.", 0.9)
    turn = Turn(QUESTION, Viewer(visitor="v1"), version)
    whole = Found((passage,), "", Meaning(model, "[1]", 0.5))
    assert why_not_asked(turn, whole) == ""
    assert why_not_asked(turn, Found((passage,), limited, whole.meaning)) == "limited search"
    assert why_not_asked(turn, Found((passage,), "", None)) == "limited search"


async def test_a50_an_answer_that_a_check_changed_is_not_saved(monkeypatch):
    monkeypatch.setattr(guarding, "OUTPUT_GUARDRAILS", (no_promises,))
    wanted = SavedAnswers(when="alike", customers=1)
    await in_database(lambda: live_version(saved_answers=wanted, follow_ups=False, guardrails={"no_promises": {}}))
    reply = await written(QUESTION, f"{ANSWER} I promise it.")
    await finished_behind()
    assert "promise" not in reply.text
    assert not await in_database(SavedAnswer.objects.exists)


async def test_a50_the_visitor_of_one_page_and_another_are_told_apart_by_their_network(alike):
    """A hundred windows of one machine are one customer."""
    exact = SavedAnswers(when="exact", customers=2)
    await in_database(lambda: live_version(saved_answers=exact, follow_ups=False))
    for visitor in ("v1", "v2", "v3"):
        opened = await turns.ask(
            Viewer(visitor=visitor), QUESTION, conversation_id=uuid.uuid4(), client_id=uuid.uuid4(), address="192.0.2.7"
        )
        await turns.finished(opened.reply_id)
        await finished_behind()
    assert (await in_database(SavedAnswer.objects.get)).state == "waiting"
