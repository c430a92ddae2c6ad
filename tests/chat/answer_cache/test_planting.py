"""A49: what somebody with several windows, accounts or hidden orders can plant in the saved answers: nothing."""

from __future__ import annotations

import uuid

import pytest

from app.models import User
from chat import turn as turns
from chat.addresses import client_address
from chat.answer_cache.askers import asker_of, independent
from chat.answer_cache.eligibility import why_not_asked
from chat.answer_cache.scope import Scope
from chat.assistant import SavedAnswers, Version
from chat.context import Turn
from chat.models import SavedAnswer
from chat.versions.states import house
from knowledge.access import Viewer
from knowledge.models import EmbeddingModel
from knowledge.search import Found, Meaning, Passage
from llm.database import in_database
from tests.chat.conftest import finished_behind
from tests.chat.turns import live_version

QUESTION = "How do I close my online account?"
HOME, OFFICE = "192.0.2.7", "198.51.100.1"


def account(number: int) -> Viewer:
    return Viewer(user_id=number)


@pytest.mark.parametrize(
    ("who", "count"),
    [
        ([(Viewer(visitor="a"), HOME), (Viewer(visitor="b"), HOME)], 1),
        ([(account(1), HOME), (account(2), HOME), (account(3), HOME)], 1),
        ([(account(1), HOME), (account(1), OFFICE)], 1),
        ([(account(1), HOME), (Viewer(visitor="a"), HOME)], 1),
        ([(account(1), HOME), (account(2), OFFICE)], 2),
        ([(Viewer(visitor="a"), HOME), (Viewer(visitor="b"), OFFICE)], 2),
        ([(account(1), ""), (account(2), "")], 2),
    ],
)
def test_a49_who_shares_an_account_or_a_network_is_one_customer(who: list[tuple[Viewer, str]], count: int):
    assert independent(asker_of(viewer, address) for viewer, address in who) == count


def test_a49_all_the_addresses_that_one_ipv6_customer_has_are_one_network():
    asked = [client_address({"REMOTE_ADDR": f"2001:db8:1:2:{n}::{n}"}) for n in range(1, 9)]
    other = client_address({"REMOTE_ADDR": "2001:db8:1:3::1"})
    assert independent(asker_of(Viewer(visitor=str(n)), address) for n, address in enumerate(asked)) == 1
    assert independent(asker_of(Viewer(visitor="v"), address) for address in (asked[0], other)) == 2


@pytest.mark.usefixtures("library", "nothing_is_left_behind")
async def test_a49_three_accounts_of_one_network_do_not_get_an_answer_to_others():
    await in_database(lambda: live_version(saved_answers=SavedAnswers(when="exact"), follow_ups=False))
    for number in range(3):
        user = await in_database(User.objects.create_user, f"sock-puppet-{number}")
        opened = await turns.ask(
            await in_database(Viewer.of, user),
            QUESTION,
            conversation_id=uuid.uuid4(),
            client_id=uuid.uuid4(),
            address=HOME,
        )
        await turns.finished(opened.reply_id)
        await finished_behind()
    answer = await in_database(SavedAnswer.objects.get)
    assert (answer.state, await in_database(answer.questions.count)) == ("waiting", 3)


@pytest.mark.parametrize("hidden", ["\U000e0073\U000e0061\U000e0079", "\u200b", "\u202e", "\U000e0101", "\u3164"])
def test_a49_a_question_that_hides_characters_is_neither_looked_up_nor_saved(hidden: str):
    """It reads like any other to people and to the comparison, and may be an order to the model."""
    passage = Passage(1, uuid.uuid4(), 1, "T", "", None, "Open Settings.", 0.9)
    found = Found((passage,), "", Meaning(EmbeddingModel(), "[1]", 0.5))
    plain, hiding = (Turn(text, Viewer(visitor="v"), Version(0, house())) for text in (QUESTION, QUESTION + hidden))
    assert why_not_asked(plain, found) == ""
    assert why_not_asked(hiding, found) == "hidden characters"


def test_a50_a_key_is_a_hash_over_all_of_it_and_never_of_a_beginning():
    scope = Scope("readable", "en", "assistant")
    long = "why " * 250
    assert len(long) == 1_000
    keys = [
        scope.key_of(long + "is it open?"),
        scope.key_of(long + "is it closed?"),
        Scope("others", "en", "assistant").key_of(long + "is it open?"),
        Scope("readable", "es", "assistant").key_of(long + "is it open?"),
        Scope("readable", "en", "another").key_of(long + "is it open?"),
        Scope("readable", "en\x1f9:assistant", "").key_of(long + "is it open?"),
    ]
    assert len(set(keys)) == len(keys)
    assert scope.key_of(f"  {long.upper()} IS it  open ?!") == keys[0]
