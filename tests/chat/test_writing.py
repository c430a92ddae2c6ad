"""A small model's answer is checked whole before anybody sees it; the strong model never sees it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import hypothesis
import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from chat import fragments
from chat import turn as turns
from chat.assistant import ModelChoice, Triage, Version
from chat.context import Turn
from chat.conversations import Opened
from chat.events import AnswerDelta, Answered, CheckBegun, Event, Replaced, SourcesFound
from chat.live import RUNNING
from chat.models import Reply
from chat.receipts.customers import short_receipt
from chat.receipts.replay import replay
from chat.receipts.waterfall import waterfall_of
from chat.versions.states import house
from chat.writing import write
from knowledge.access import Viewer
from knowledge.search import Found, Passage
from llm.database import in_database
from llm.models import Call
from tests import standin
from tests.chat.conftest import finished_behind
from tests.chat.tooling import answer_of, calls, says
from tests.chat.turns import answered, fresh, live_version
from tests.factories import CLOSING, article
from tests.standin import Played

pytestmark = pytest.mark.usefixtures("library")

QUESTION = "How do I close my online account?"
HOLDS = "To close your online account, open Settings and choose Close account. [1]"
FRESH = "Open Settings, then choose Close account. [1]"
SMALL_FIRST = ModelChoice(easy="small", threshold=0)
NOBODY = "script-nobody"


def asked(question: str = QUESTION, **changes: Any) -> Turn:
    """A turn whose version asks the small model first, without guardrails unless the changes name some."""
    plain: dict[str, Any] = {"guardrails": {}, "model_choice": SMALL_FIRST, "triage": Triage(when="never")}
    return Turn(question, Viewer(visitor="v1"), Version(0, house().model_copy(update=plain | changes)))


@contextmanager
def models(
    settings: Settings, *, small: dict[str, Any] | None = None, strong: dict[str, Any] | None = None
) -> Iterator[list[Played]]:
    """The models that are asked, once each; the one that is not named does not exist."""
    with ExitStack() as stack:
        played = {
            name: stack.enter_context(standin.script(line))
            for name, line in (("small", small), ("strong", strong))
            if line
        }
        settings.LLM_SMALL_MODEL = played["small"].model if small else NOBODY
        settings.LLM_STRONG_MODEL = settings.LLM_JUDGE_MODEL = played["strong"].model if strong else NOBODY
        yield list(played.values())


def shown(events: list[Event]) -> str:
    """All that a customer has read at some moment."""
    return "\n".join(event.text for event in events if isinstance(event, AnswerDelta | Answered | Replaced))


async def written(turn: Turn) -> list[Event]:
    """All that is told of a turn from the choice of its model on, with one passage."""
    found = Found((Passage(1, uuid.uuid4(), 1, "Closing your account", "", None, CLOSING, 0.9),))
    turn.passages = found.passages
    return [event async for event in write(turn, found, "try")]


async def test_an_answer_that_holds_is_shown_at_once_after_the_check(settings):
    turn = asked()
    with models(settings, small=says(HOLDS)):
        events = await answer_of(turn)
    assert [type(event) for event in events] == [SourcesFound, CheckBegun, AnswerDelta, Answered]
    assert shown(events) == f"{HOLDS}\n{HOLDS}"
    assert [source.title for source in turn.cited] == ["Closing your account"]
    assert turn.receipt.inputs["alias"] == "small"
    assert [step["step"] for step in turn.receipt.steps][-4:] == ["choice", "draft", "model", "answer checks"]


SAID = "Choose Close account in Settings to close your online account."
BAKERY = "Our branch in Springfield bakes fresh bread every single morning."
HELD_BACK = {
    "cites nothing": says(SAID),
    "cites what it was not given": says(f"{SAID} [1] [9]"),
    "does not know": says("I don’t know how to close an account here. [1]"),
    "not borne out": says(f"{SAID} [1] {BAKERY} [1]"),
    "ended with length": {"reply": {"text": f"{SAID} [1]", "finish_reason": "length"}},
    "asked for a tool": calls(("get_mortgage_rates", {})),
    "failed: bad_request": {"reply": {"status": 400}},
}


OBJECTED = {
    "figures": f"{SAID} [1] It costs $99. [1]",
    "known_links": f"{SAID} [1] See [this page](https://evil.example/x). [1]",
    "answer_compliance": "You will be approved, once Settings are open. [1]",
    "form": f"{SAID} [1] " * 3,
}


async def test_one_that_does_not_hold_is_seen_by_nobody_and_written_afresh(settings):
    for why, line in HELD_BACK.items():
        secret = line["reply"].get("text", "").partition("[")[0]
        turn = asked()
        with models(settings, small=line, strong=says(FRESH)) as (_, strong):
            events = await written(turn)
            assert not secret or secret not in str(strong.calls)
        assert shown(events) == f"{FRESH}\n{FRESH}", why
        draft = next(step for step in turn.receipt.steps if step["step"] == "draft")
        assert (draft["held_back"], turn.receipt.inputs["alias"], turn.findings) == (why, "strong", [])
        assert draft["text"].startswith(secret[:60])


async def test_what_a_check_changes_is_held_back_and_no_finding_of_the_reply(settings):
    for guardrail, line in OBJECTED.items():
        turn = asked(guardrails={guardrail: {}})
        with models(settings, small=says(line), strong=says(FRESH)):
            assert shown(await written(turn)) == f"{FRESH}\n{FRESH}"
        assert turn.drafted
        assert turn.drafted.held_back == f"changed by {guardrail}"
        assert all(finding["action"] == "allow" for finding in turn.findings)


async def test_a_figure_that_the_cited_passage_does_not_have_is_not_left_to_the_judge(settings):
    turn = asked(guardrails={"grounding": {}})
    with models(
        settings, small=says("Your account is closed 30 days after you choose Close account. [1]"), strong=says(HOLDS)
    ):
        settings.LLM_JUDGE_MODEL = NOBODY  # it would have been away
        await answer_of(turn)
    assert turn.drafted
    assert turn.drafted.held_back == "not borne out"
    assert not [finding for finding in turn.drafted.turn.findings if finding["guardrail"] == "grounding"]


async def test_what_is_in_doubt_is_the_judges_and_held_back_while_it_is_away(settings):
    doubtful = says("Your account is closed as soon as you choose Close account. [1]")
    ruling = says(json.dumps({"rulings": [{"number": 1, "why": "it says so", "supported": True}]}))
    judged, alone = asked(guardrails={"grounding": {}}), asked(guardrails={"grounding": {}})
    with standin.script(ruling) as judge, models(settings, small=doubtful):
        settings.LLM_JUDGE_MODEL = judge.model
        await answer_of(judged)
    with models(settings, small=doubtful, strong=says(HOLDS)):
        settings.LLM_JUDGE_MODEL = NOBODY
        await answer_of(alone)
    assert [turn.drafted.held_back for turn in (judged, alone) if turn.drafted] == ["", "not borne out"]


async def test_an_answer_in_another_language_than_its_question_is_held_back(settings):
    spanish = "Para cerrar su cuenta en línea, abra la configuración y elija la opción de cerrar la cuenta."
    await in_database(article, "Cerrar la cuenta", spanish, language="es")
    turn = asked("What does the article with the name Cerrar la cuenta say about how to close an account?")
    with models(settings, small=says(f"{spanish} [1]"), strong=says(FRESH)):
        await answer_of(turn)
    assert turn.drafted
    assert turn.drafted.held_back == "another language"


async def test_one_that_takes_too_long_is_given_up(settings):
    settings.CHAT_SMALL_SECONDS = 0.3
    turn = asked()
    slow = {"reply": {"text": HOLDS, "first_token_ms": 60_000}}
    with models(settings, small=slow, strong=says(FRESH)):
        assert shown(await answer_of(turn)) == f"{FRESH}\n{FRESH}"
    assert turn.drafted
    assert turn.drafted.held_back == "too slow"


async def test_switched_off_no_small_model_is_asked(settings):
    settings.CHAT_SMALL_SECONDS = 0
    for policy in (ModelChoice(), SMALL_FIRST):
        with models(settings, strong=says(FRESH)):
            events = await answer_of(asked(model_choice=policy))
        assert CheckBegun not in map(type, events)


async def test_stop_ends_the_check_and_nothing_is_shown(settings):
    await in_database(live_version, model_choice=SMALL_FIRST)
    settings.CHAT_FLUSH_SECONDS = 0.02
    slow = {"reply": {"text": HOLDS, "first_token_ms": 60_000}}
    with models(settings, small=slow):
        viewer, conversation = Viewer(visitor="v1"), uuid.uuid4()
        opened = await turns.ask(viewer, QUESTION, conversation_id=conversation, client_id=uuid.uuid4(), address="")
        row = await stored_as(opened, notice="checking")
        shown_elsewhere = await in_database(fragments.of_row, row)  # by another process, and after a reload
        assert (row.text, shown_elsewhere.notice) == ("", "Checking the answer")
        assert RUNNING[opened.reply_id].notice == "checking"
        await turns.stop(viewer, conversation)
        await turns.finished(opened.reply_id)
    row = await stored_as(opened, notice="")
    assert (row.status, row.text) == ("stopped", "")
    assert await in_database(lambda: Call.objects.get(purpose="answer").outcome) == "stopped"
    await finished_behind()


async def stored_as(opened: Opened, *, notice: str) -> Reply:
    async with asyncio.timeout(20):
        while (  # noqa: ASYNC110 (the turn's own heart writes it)
            row := await in_database(fresh, opened.reply_id)
        ).notice != notice:
            await asyncio.sleep(0.02)
    return row


async def test_the_receipt_tells_what_was_held_back_and_both_costs(settings):
    await in_database(live_version, model_choice=SMALL_FIRST, follow_ups=False)
    with models(settings, small=says(f"{SAID} [1] {BAKERY} [1]"), strong=says(HOLDS)):
        reply = await answered()
        await finished_behind()
    told, receipt = await in_database(lambda: (short_receipt(reply), waterfall_of(reply)))
    assert "A smaller model's answer did not pass the checks" in " ".join(told.sentences)
    assert BAKERY not in " ".join(told.sentences)
    spans = {span.name: span for span in receipt.spans}
    assert spans["choice"].facts["chosen"] == "small"
    assert spans["draft"].facts["came to"] == "held back: not borne out"
    assert BAKERY in spans["draft"].facts["what was held back"]
    assert [call.row.alias for call in spans["draft: model"].calls] == ["small"]
    assert [call.row.alias for call in spans["model"].calls] == ["strong"]


async def test_a_replay_asks_the_model_whose_answer_was_shown(settings):
    await in_database(live_version, model_choice=SMALL_FIRST, follow_ups=False)
    with standin.script(says(HOLDS), says(HOLDS)) as small:
        settings.LLM_SMALL_MODEL, settings.LLM_STRONG_MODEL = small.model, NOBODY
        reply = await answered()
        await finished_behind()
        again = await replay(reply)
    assert (again.is_same, again.request_is_same) == (True, True)
    assert "A smaller model wrote it." in " ".join((await in_database(short_receipt, reply)).sentences)


GOOD = [f"{SAID} [1]", HOLDS, "An open application is withdrawn first. [1]"]
BAD = [
    f"{BAKERY} [1]",
    "I cannot find this. [1]",
    "The fee for that is $12,345. [1]",
    "Moon cheese is legal tender. [2]",
]


@given(sentences=st.lists(st.sampled_from([*GOOD, *BAD]), min_size=1, max_size=5))
@hypothesis.settings(max_examples=8, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_nobody_ever_reads_a_small_models_answer_that_does_not_hold(settings, sentences):
    turn = asked()
    with standin.script(says(" ".join(sentences))) as small:
        settings.LLM_SMALL_MODEL = small.model
        text = shown(async_to_sync(written)(turn))
    assert turn.drafted
    assert bool(turn.drafted.held_back) == any(sentence in BAD for sentence in sentences)
    assert not any(sentence.partition(" [")[0] in text for sentence in sentences if sentence in BAD)
