"""A reply runs again from its receipt: what is repeated, what is not, and what is missing to tell."""

from __future__ import annotations

import json
import uuid
from datetime import date
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from chat import guarding
from chat.models import AssistantVersion, MortgageRate, Reply
from chat.receipts.replay import NotReplayable, replay, sample_replies
from chat.versions.states import content_of, version_of
from knowledge.access import Viewer
from knowledge.models import Document
from llm.database import in_database
from llm.models import Call
from tests import standin
from tests.chat.turns import STAFF, answered, fresh, hide, live_version
from tests.people import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("library", "plain_version")]
RATES = {"tool_calls": [{"name": "get_mortgage_rates", "arguments": {"term": 30}}]}


@pytest.fixture
def plain_version(library: None) -> AssistantVersion:
    """What checks make of an answer is another test's matter."""
    return live_version()


def kept_replies() -> list[dict[str, Any]]:
    """All replies, but for the suggestions that come a moment after them."""
    return [dict(row) for row in Reply.objects.values("pk", "text", "status", "receipt", "model", "variant")]


def scripted(text: str, **reply: Any) -> dict[str, Any]:
    return {"reply": {"text": text, **reply}}


async def test_the_same_seed_says_the_same_and_nothing_but_the_call_is_kept():
    reply = await answered()
    before = await in_database(kept_replies)
    replayed = await replay(reply)
    assert replayed.is_same
    assert replayed.request_is_same is True
    assert replayed.model_is_same is True
    assert replayed.missing == ()
    assert replayed.verdict == "The same words came."
    assert await in_database(kept_replies) == before
    assert await in_database(Call.objects.filter(purpose="replay").count) == 1
    assert not await in_database(Call.objects.filter(purpose="replay", turn=reply.pk).exists)


async def test_the_passages_are_those_of_then_though_the_documents_are_gone():
    reply = await answered()
    await in_database(Document.objects.all().delete)
    assert (await replay(reply)).is_same


async def test_a_changed_fingerprint_is_seen(settings):
    with standin.script(
        scripted("Open Settings. [1]", system_fingerprint="fp_a"),
        scripted("Open the Settings. [1]", system_fingerprint="fp_b"),
    ) as played:
        settings.LLM_STRONG_MODEL = played.model
        replayed = await replay(await answered())
    assert not replayed.is_same
    assert replayed.request_is_same is True
    assert replayed.model_is_same is False
    assert "the model behind it has changed" in replayed.verdict
    assert [(piece.kind, piece.text) for piece in replayed.pieces if piece.kind != "same"] == [("new", "the ")]


async def test_a_server_that_ignores_the_seed_and_sends_no_fingerprint_is_said_to_be_one(settings):
    with standin.script(
        scripted("Open Settings. [1]", system_fingerprint=None),
        scripted("Go to Settings. [1]", system_fingerprint=None),
    ) as played:
        settings.LLM_STRONG_MODEL = played.model
        replayed = await replay(await answered())
    assert not replayed.is_same
    assert replayed.verdict == "Other words came to the same request: this server does not repeat itself."
    assert any("no fingerprint" in sentence for sentence in replayed.missing)


async def test_a_server_that_takes_no_seed_is_said_to_be_one(settings):
    settings.LLM_LACKS = ["seed"]
    replayed = await replay(await answered())
    assert replayed.is_same
    assert replayed.missing == ("The server takes no seed, so none was sent.",)


async def test_a_version_without_a_seed_is_said_to_have_none(plain_version: AssistantVersion):
    answer = version_of(plain_version).assistant.answer.model_copy(update={"seed": None})
    await in_database(live_version, answer=answer)
    replayed = await replay(await answered())
    assert "No seed was set: nothing asks the model to repeat itself." in replayed.missing


async def test_an_edited_draft_is_another_request_and_that_is_said(plain_version: AssistantVersion):
    reply = await answered()
    assistant = version_of(plain_version).assistant
    edited = assistant.model_copy(update={"prompts": assistant.prompts | {"answer": "You are $site_name. Be brief."}})
    draft = await in_database(AssistantVersion.objects.create, number=99, **content_of(edited))
    await in_database(Reply.objects.filter(pk=reply.pk).update, version=draft)
    replayed = await replay(await in_database(fresh, reply.pk))
    assert replayed.request_is_same is False
    assert "The version was a draft then, and has been changed since." in replayed.missing


async def test_another_model_behind_the_alias_is_said(settings):
    reply = await answered()
    settings.LLM_STRONG_MODEL = "demo-small"
    replayed = await replay(reply)
    assert replayed.request_is_same is False
    assert "Another model is asked now." in replayed.missing


async def test_personal_data_stay_masked_and_make_no_difference(settings, monkeypatch):
    monkeypatch.setattr(guarding, "INPUT_GUARDRAILS", (hide,))
    await in_database(live_version, guardrails={"hide": {}})
    hello = scripted("Hello [EMAIL_1] and [EMAIL_7], open Settings. [1]")
    with standin.script(hello, hello) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = await answered("I am ann@example.com: how do I close my account?")
        replayed = await replay(reply)
    assert "Hello ann@example.com" in reply.text
    assert "ann@example.com" not in json.dumps(reply.receipt)
    assert replayed.is_same
    assert "[EMAIL_1]" in replayed.before
    assert replayed.request_is_same is True


async def test_what_was_said_before_is_said_again_before_it():
    conversation = uuid.uuid4()
    await answered(conversation=conversation)
    reply = await answered("What is the late fee?", conversation)
    assert len(reply.receipt["inputs"]["history"]) == 1
    replayed = await replay(reply)
    assert (replayed.is_same, replayed.request_is_same) == (True, True)


async def test_lookups_are_given_back_and_not_made_again(settings):
    rate = {"term": 30, "percent": "6.11"}
    await in_database(MortgageRate.objects.create, week=date(2026, 11, 19), **rate)
    said = scripted("The average was 6.11 %.")
    with standin.script({"reply": RATES}, said, {"reply": RATES}, said) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = await answered("What is the 30-year rate?")
        await in_database(MortgageRate.objects.update, percent="9.99")
        replayed = await replay(reply)
        last = json.dumps(played.calls[-1])
    assert "6.11" in last
    assert "9.99" not in last
    assert (replayed.is_same, replayed.request_is_same, replayed.missing) == (True, True, ())


async def test_a_search_of_the_models_own_is_given_back_with_its_passages(settings):
    wanted = {"tool_calls": [{"name": "search_help_center", "arguments": {"query": "late fee"}}]}
    said = scripted("A late fee of $35 is charged. [1][2][3]")
    with standin.script({"reply": wanted}, said, {"reply": wanted}, said) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = await answered()
        await in_database(Document.objects.all().delete)
        replayed = await replay(reply)
    assert (replayed.is_same, replayed.request_is_same) == (True, True)


async def test_a_lookup_that_was_not_made_then_is_not_made_now_and_is_said(settings):
    said = scripted("Open Settings and choose Close account. [1]")
    with standin.script(said, {"reply": RATES}, said) as played:
        settings.LLM_STRONG_MODEL = played.model
        replayed = await replay(await answered())
        assert "could not be looked up" in json.dumps(played.calls[-1])
    assert "It asks for a lookup that was not made then: get_mortgage_rates." in replayed.missing


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "stopped"}, "not written to its end"),
        ({"receipt": {"steps": [{"step": "search", "at_ms": 0, "ms": 1}], "inputs": {}}}, "No model wrote it"),
        ({"receipt": {"steps": [{"step": "model", "at_ms": 0, "ms": 1}]}}, "does not hold the passages"),
        ({"receipt": {}}, "No model wrote it"),
        ({"version": None}, "version that wrote it is not known"),
    ],
)
async def test_what_cannot_be_run_again_says_why(change: dict[str, Any], reason: str):
    reply = await answered()
    await in_database(Reply.objects.filter(pk=reply.pk).update, **change)
    with pytest.raises(NotReplayable, match=reason):
        await replay(await in_database(fresh, reply.pk))


async def test_without_the_ledgers_rows_the_texts_are_compared_all_the_same():
    reply = await answered()
    await in_database(Call.objects.all().delete)
    replayed = await replay(reply)
    assert replayed.is_same
    assert replayed.request_is_same is None
    assert any(sentence.startswith("The ledger no longer holds") for sentence in replayed.missing)


def test_a_sample_is_drawn_from_what_a_model_wrote_and_the_same_seed_draws_the_same():
    written = [async_to_sync(answered)() for _ in range(4)]
    Reply.objects.filter(pk=written[0].pk).update(model="")
    drawn = sample_replies(STAFF, 2, seed=5)
    assert len(drawn) == 2
    assert written[0] not in drawn
    assert sample_replies(STAFF, 2, seed=5) == drawn
    assert len(sample_replies(STAFF, 50)) == 3
    assert sample_replies(STAFF, 50, version=999) == []
    assert sample_replies(Viewer(visitor="v1", user_id=1), 50) == []


def test_the_command_sums_up_a_sample(settings):
    output = StringIO()
    said = ["One. [1]"] * 4 + ["Two. [1]"]  # three answers and two replays
    with standin.script(*(scripted(words) for words in said)) as played:
        settings.LLM_STRONG_MODEL = played.model
        replies = [async_to_sync(answered)() for _ in range(3)]
        Reply.objects.filter(pk=replies[0].pk).update(receipt={"steps": replies[0].receipt["steps"]})
        call_command("replay", sample=3, stdout=output)
    lines = output.getvalue().splitlines()
    assert {line.split()[0] for line in lines[:3]} == {str(reply.pk) for reply in replies}
    assert lines[-1].startswith("1 of 3 came out the same; 1 differs: ")
    assert "; 1 could not be replayed: Its receipt is older than replays" in lines[-1]


def test_the_command_prints_json_and_one_reply_word_by_word(settings):
    with standin.script(scripted("Open Settings. [1]"), scripted("Open them. [1]"), scripted("Open it. [1]")) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = async_to_sync(answered)()
        output, words = StringIO(), StringIO()
        call_command("replay", sample=1, json=True, stdout=output)
        call_command("replay", str(reply.pk), stdout=words)
    told = json.loads(output.getvalue())
    assert told["summary"] == f"0 of 1 came out the same; 1 differs: {str(reply.pk)[:8]}."
    assert told["replies"][0]["request_is_same"] is True
    assert told["replies"][0]["after"] == "Open them. [1]"
    assert "Open [-Settings-]{+it+}. [1]" in words.getvalue()


def test_the_command_stops_asking_when_the_days_budget_is_spent(settings):
    async_to_sync(answered)()
    settings.CHAT_DAILY_BUDGET_USD = 0.000001
    Call.objects.update(cost_microdollars=1_000_000)
    output = StringIO()
    call_command("replay", sample=1, stdout=output)
    assert "could not be replayed: The day's budget is spent." in output.getvalue()
    assert not Call.objects.filter(purpose="replay").exists()


@pytest.mark.parametrize("options", [{}, {"reply": str(uuid.uuid4())}, {"sample": 0}])
def test_the_command_says_what_it_cannot_do(options: dict[str, Any]):
    with pytest.raises(CommandError):
        call_command("replay", *([options["reply"]] if "reply" in options else []), sample=options.get("sample"))


def test_the_desks_button_shows_the_difference_as_text(client: Client, settings):
    client.force_login(person("agent"))
    with standin.script(scripted("Open Settings. [1]"), scripted("Open <img src=x onerror=alert(1)>. [1]")) as played:
        settings.LLM_STRONG_MODEL = played.model
        reply = async_to_sync(answered)()
        page = client.post(reverse("replay", args=[reply.pk])).content.decode()
    assert "<del>Settings</del>" in page
    assert "<img src=x" not in page
    assert "&lt;" in page


def test_the_desks_button_is_counted_and_refused_when_the_budget_is_spent(client: Client, settings):
    client.force_login(person("agent"))
    reply = async_to_sync(answered)()
    Call.objects.update(cost_microdollars=2_000_000)
    settings.CHAT_DAILY_BUDGET_USD = 1
    page = client.post(reverse("replay", args=[reply.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "answered all it may today" in page
    assert not Call.objects.filter(purpose="replay").exists()


def test_the_desks_button_says_in_words_that_the_model_is_away(client: Client, settings):
    client.force_login(person("agent"))
    reply = async_to_sync(answered)()
    settings.LLM_RETRIES = 0
    settings.LLM_STRONG_MODEL = "fault-500"
    page = client.post(reverse("replay", args=[reply.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "The assistant could not be reached." in page
