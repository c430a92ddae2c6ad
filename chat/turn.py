"""One turn: take the question, run the pipeline, keep what it writes, and end in exactly one state.

A turn belongs to this process and not to a socket: closing the tab does not end it, Stop does.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import aclosing
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError

import llm
from chat import afterwards, conversations, limits
from chat.alerts import alert
from chat.announcing import announce
from chat.context import Turn
from chat.conversations import Opened
from chat.events import (
    ActionProposed,
    AnswerDelta,
    Answered,
    CheckBegun,
    Delayed,
    Event,
    Refused,
    Replaced,
    SourcesFound,
    Steered,
    TakenFromSaved,
    ToolUsed,
)
from chat.live import RUNNING, LiveReply, in_conversation
from chat.models import Reply
from chat.pipeline import answer
from knowledge.access import Viewer
from llm.database import in_database
from llm.errors import LLMError

log = structlog.get_logger()
Status = Reply.Status
CLOSING_PAUSES = (0.5, 1, 2, 4, 8)  # seconds between tries to store a reply's end


async def ask(viewer: Viewer, text: str, *, conversation_id: uuid.UUID, client_id: uuid.UUID, address: str) -> Opened:
    """Store the customer's question and begin to answer it. Raises `chat.errors.Unwelcome`."""
    question = conversations.check_question(text)
    opened = await in_database(
        _open_question,
        viewer,
        conversation_id=conversation_id,
        client_id=client_id,
        text=question,
        address=address,
    )
    return await _begin(opened, address)


async def ask_again(viewer: Viewer, *, reply_id: uuid.UUID, go_on: bool, address: str) -> Opened:
    """Begin another variant of a reply, or go on with a cut one. Raises `chat.errors.Unwelcome`."""
    opened = await in_database(_open_again, viewer, reply_id=reply_id, go_on=go_on, address=address)
    return await _begin(opened, address)


async def stop(viewer: Viewer, conversation_id: uuid.UUID) -> None:
    """Stop the running turn of a conversation, here or in another process; without one nothing happens."""
    is_running = await in_database(conversations.request_stop, viewer, conversation_id)
    if is_running and (live := in_conversation(conversation_id)):
        live.cancel(Status.STOPPED)


async def finished(reply_id: uuid.UUID) -> None:
    """Return when this process has ended the reply (at once, if it does not write it)."""
    live = RUNNING.get(reply_id)
    if live and live.task:
        await asyncio.wait([live.task])


def _open_question(viewer: Viewer, *, address: str, **question: Any) -> Opened:
    opened = conversations.find_sent(viewer, **question)
    if opened is None:
        limits.admit(viewer, address)
        opened = conversations.open_question(viewer, **question)
    return opened


def _open_again(viewer: Viewer, *, address: str, **reply: Any) -> Opened:
    limits.admit(viewer, address)
    return conversations.open_again(viewer, **reply)


async def _begin(opened: Opened, address: str) -> Opened:
    if turn := opened.turn:
        turn.address = address
        live = LiveReply(opened.reply_id, opened.conversation_id)
        if turn.draft:
            live.write(turn.draft.text, turn.draft.sources)
        RUNNING[opened.reply_id] = live
        live.work = asyncio.create_task(_write(live, turn), name=f"work {opened.reply_id}")
        live.task = asyncio.create_task(_run(live, turn, live.work), name=f"turn {opened.reply_id}")
    return opened


async def _run(live: LiveReply, turn: Turn, work: asyncio.Task[dict[str, Any]]) -> None:
    """See the work to its end and store it. Stop cancels the work and never this, so the closing write is made."""
    heart = asyncio.create_task(_keep(live))
    announcement = asyncio.create_task(announce(live.conversation_id, "reply.opened", live.reply_id))
    end = await _end_of(work, live)
    heart.cancel()
    await _close(live, turn, end)
    afterwards.begin(live.conversation_id, turn, end)
    await announcement


async def _end_of(work: asyncio.Task[dict[str, Any]], live: LiveReply) -> dict[str, Any]:
    """The end state that the work came to, whatever happened to it."""
    try:
        return await work
    except asyncio.CancelledError:
        return {"status": live.stop_reason or Status.INTERRUPTED}
    except LLMError as error:
        alert(error)
        broke_off = bool(live.blocks.text)
        return {"status": Status.INTERRUPTED if broke_off else Status.FAILED, "failure_code": error.code}
    except Exception:
        log.exception("turn failed", reply=str(live.reply_id))
        return {"status": Status.FAILED, "failure_code": "internal"}


async def _write(live: LiveReply, turn: Turn) -> dict[str, Any]:
    """Run the pipeline into the live reply and return the end state that it came to."""
    end: dict[str, Any] = {}
    with llm.on_behalf_of(turn.version.label, turn=turn.id, models=turn.version.models):
        async with aclosing(answer(turn)) as events:
            async for event in events:
                end |= _take(live, event)
    return end


def _take(live: LiveReply, event: Event) -> dict[str, Any]:
    """Show an event to those who follow; what is to be stored of it is returned."""
    match event:
        case SourcesFound(_, limited):
            return {"limited_search": bool(limited)}
        case Delayed():
            live.say("busy")
        case CheckBegun():
            live.say("checking")
        case TakenFromSaved(answer_id, written_at):
            return {"saved_answer_id": answer_id, "saved_at": written_at}
        case Steered(_, say):
            live.steered = say
        case ToolUsed(_, words, failed):
            live.look_up(words, failed=failed, is_fact=event.is_fact)
        case ActionProposed():
            live.actions.append(event)
        case AnswerDelta(text, sources):
            live.write(text, sources)
        case Replaced(text, sources):
            live.replace(text, sources)
        case Answered(_, reason, model, _):
            status = Status.REFUSED if reason == "content_filter" else Status.DONE
            return {"status": status, "finish_reason": reason, "model": model}
        case Refused(say, by, hands_over):
            live.replace(say)
            live.actions.clear()  # nothing is offered with a refusal
            return {
                "status": Status.DONE if hands_over else Status.REFUSED,
                "handed_over": hands_over,
                "finish_reason": "guardrail",
                "stopped_by": by,
            }
    return {}


async def _close(live: LiveReply, turn: Turn, end: dict[str, Any]) -> None:
    """Store the end state and only then let the followers go and look at it."""
    end |= {"text": live.blocks.text, "receipt": turn.receipt.as_json(), "findings": turn.findings}
    end |= {"steered": live.steered, "lookups": live.lookups, "proposed": live.actions}
    try:
        await _store(live, end)
    except Exception:
        log.exception("reply could not be closed; the reaper will", reply=str(live.reply_id))
    finally:
        RUNNING.pop(live.reply_id, None)
        live.end()


async def _store(live: LiveReply, end: dict[str, Any]) -> None:
    """Close the row; while the database is away, try again for as long as the row does not look abandoned."""
    for pause in CLOSING_PAUSES:
        try:
            await in_database(conversations.close, live.reply_id, sources=live.sources, **end)
            return
        except (OperationalError, InterfaceError) as error:
            log.warning("reply could not be closed yet", reply=str(live.reply_id), error=type(error).__name__)
            await asyncio.sleep(pause)
    await in_database(conversations.close, live.reply_id, sources=live.sources, **end)


async def _keep(live: LiveReply) -> None:
    """Once a second: store what is there, and look whether to go on, or another process was asked to stop."""
    while True:
        await asyncio.sleep(settings.CHAT_FLUSH_SECONDS)
        try:
            if not await in_database(conversations.heartbeat, *live.so_far):
                live.cancel(Status.STOPPED)
        except Exception:
            log.exception("heartbeat failed", reply=str(live.reply_id))
