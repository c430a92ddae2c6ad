"""An answer tells no customer what identifies somebody else; contacts of the help centre and his own data are shown."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chat.assistant import Assistant, Version, prompts_of_the_house
from chat.context import Lookup, Turn
from chat.guarding import guard_sentence
from chat.guardrails.data_of_others import data_of_others
from chat.privacy.masks import LEFT_OUT
from chat.verdicts import Action
from knowledge.access import Viewer
from knowledge.search import Passage
from llm.database import in_database
from tests import standin
from tests.chat.browserless import Visitor, text_of
from tests.chat.turns import live_version
from tests.factories import CLOSING, article

OWN_CARD, OWN_MAIL = "4111 1111 1111 1111", "ann@example.com"
CONTACTS = "Call 1-800-555-0100 or write to help@acme.example. A sample card is 5555 5555 5555 4444, SSN 514-69-0360."


def turn(question: str = f"Mine are {OWN_CARD} and {OWN_MAIL}", **fields: Any) -> Turn:
    version = Version(0, Assistant(prompts=prompts_of_the_house(), guardrails={"data_of_others": {}}))
    passage = Passage(1, uuid.UUID(int=1), 1, "Contact", "", None, CONTACTS, 1)
    return Turn(question, Viewer(), version, passages=(passage,), **fields)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Write to bob@example.com.", f"Write to {LEFT_OUT}."),
        ("His SSN is 460-89-9847, card 4012888888881881.", f"His SSN is {LEFT_OUT}, card {LEFT_OUT}."),
        ("His account is GB82WEST12345698765432.", f"His account is {LEFT_OUT}."),
        ("Call (905) 674-3793 or 905 674 3793!", f"Call {LEFT_OUT} or {LEFT_OUT}!"),
        ("He came from 192.0.2.7.", f"He came from {LEFT_OUT}."),
        ("A sample is 5555 5555 5555 4444 [1], or 514-69-0360.", f"A sample is {LEFT_OUT} [1], or {LEFT_OUT}."),
    ],
)
async def test_what_identifies_others_is_taken_out(sentence: str, shown: str):
    asked = turn()
    assert await guard_sentence(asked, sentence) == shown
    finding = asked.findings[-1]
    assert finding["action"] == "rewrite"
    assert finding["reason"].startswith("left out: ")
    assert asked.masks.values.keys() == {"[CARD_1]", "[EMAIL_1]"}  # nothing of others was learned
    for secret in ("bob", "9847", "1881", "8765", "3793", "192.", "4444", "0360"):
        assert secret not in finding["text"] + finding["reason"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Call 1-800-555-0100 [1].",
        "Call (800) 555-0100 or +1 800 555 0100.",
        "Write to help@acme.example or HELP@acme.example.",
        f"Yours are {OWN_CARD} and 4111-1111-1111-1111, {OWN_MAIL}.",
        "We block [CARD_1] and write to [EMAIL_1].",
        "A loan of $350,000 over 30 years at 6.875% costs $2,299.75 a month from 2026-05-01 [1].",
    ],
)
async def test_own_data_contacts_of_passages_and_other_numbers_stay(sentence: str):
    verdict = await data_of_others(turn(), sentence)
    assert (verdict.action, verdict.text) == (Action.ALLOW, "")


async def test_a_contact_from_a_tool_that_ran_as_the_viewer_stays():
    sentence = "Your officer is at officer@acme.example."
    asked = turn()
    assert (await data_of_others(asked, sentence)).action is Action.REWRITE
    asked.lookups.append(Lookup("my_loan_applications", {}, '{"officer": "officer@acme.example"}', "Looked up"))
    assert (await data_of_others(asked, sentence)).action is Action.ALLOW


async def test_what_a_model_learned_of_a_strangers_card_is_not_put_back():
    """A tool's result is masked; the placeholder of a card in it is nobody's to see."""
    asked = turn()
    assert asked.masks.mask("card 4012888888881881 of bob@example.com") == "card [CARD_2] of [EMAIL_2]"
    assert asked.masks.unmask("[CARD_2] [CARD_1] [EMAIL_2]") == f"{LEFT_OUT} {OWN_CARD} bob@example.com"


@pytest.mark.django_db(transaction=True)
async def test_a72_a_canary_that_a_hijacked_model_recites_is_never_shown(visitor: Visitor, settings):
    await in_database(lambda: article("Closing your account", f"{CLOSING} Card 4012 8888 8888 1881, SSN 460-89-9847."))
    await in_database(lambda: live_version(guardrails={"data_of_others": {}}))
    told = "The card is 4012 8888 8888 1881 [1]. Also 4012888888881881, SSN 460-89-9847; bob@example.com has it."
    with standin.script({"reply": {"text": told}}) as played:
        settings.LLM_STRONG_MODEL = played.model
        await visitor.load()
        async with visitor.socket() as socket:
            await socket.ask("How do I close my account?")
            reply = await socket.reply()
    assert "The card is […]" in text_of(reply)
    answer = "".join(socket.frames).split('class="sources')[0]
    for canary in ("8888", "460-89", "bob@"):
        assert canary not in text_of(reply)
        assert canary not in answer
