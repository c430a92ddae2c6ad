"""The whole idea on one screen: guard the question, find what the viewer may read, take an answer that was written
before or write one from what was found, check it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from chat import answer_cache, guarding
from chat.context import Turn
from chat.events import AnswerDelta, Answered, Event, Refused, SourcesFound, Steered
from chat.understanding import understand, words_to_search
from chat.verdicts import Action
from chat.wording import words_for
from chat.writing import write
from knowledge.search import Found, search


async def answer(turn: Turn, *, purpose: str = "answer") -> AsyncGenerator[Event, None]:
    """Answer the turn's question. Stores nothing of the conversation; each step is noted in `turn.receipt`.

    Yields what happens, ending with one `Answered` or `Refused`. Raises `llm.errors.LLMError` when the model fails;
    what was yielded until then stands. Consume it under `contextlib.aclosing()`.
    """
    try:
        async with aclosing(_answer(turn, purpose)) as events:
            async for event in events:
                yield event
    except guarding.Stopped as stopped:
        yield Refused(turn.masks.unmask(stopped.verdict.say), stopped.by, stopped.verdict.action is Action.HAND_OVER)


async def _answer(turn: Turn, purpose: str) -> AsyncGenerator[Event, None]:
    with turn.receipt.step("question checks"):
        await guarding.prepare(turn)
        searching = asyncio.create_task(_look_up(turn))  # side by side with the checks
        try:
            verdict = await guarding.judge_question(turn)
        except BaseException:
            await _give_up(searching)
            raise
    if verdict.action is Action.REWRITE:
        turn.is_steered = True
        await _give_up(searching)
        yield Steered(turn.asked, turn.masks.unmask(verdict.say))
        searching = asyncio.create_task(_look_up(turn))
    try:
        found = await searching
    finally:
        searching.cancel()
    turn.passages = found.passages
    yield SourcesFound(found.passages, found.limited)
    if not found.passages and not turn.version.assistant.tools:
        text = words_for(turn, "unknown")
        yield AnswerDelta(text)
        yield Answered(text, "stop", "", ())
        return
    if purpose == "answer" and (hit := await answer_cache.look_up(turn, found)):
        for said in hit.events:
            yield said
        return
    async with aclosing(write(turn, found, purpose)) as events:
        async for event in events:
            yield event


async def _give_up(searching: asyncio.Task[Found]) -> None:
    """Cancel a search and let it write the end of its step into the receipt."""
    searching.cancel()
    await asyncio.wait([searching])


async def _look_up(turn: Turn) -> Found:
    """What the search finds; the passages that a draft has cited come first, so that its numbers stay true."""
    turn.understood = await understand(turn)
    with turn.receipt.step("search") as step:
        asked = words_to_search(turn)
        found = await search(asked, viewer=turn.viewer, top_k=turn.version.assistant.retrieval.passages)
        step |= {"asked": turn.masks.redact(asked), "limited": found.limited}
        step["passages"] = [{"chunk": p.chunk_id, "title": p.title, "score": round(p.score, 4)} for p in found.passages]
    if turn.draft:
        cited = {passage.chunk_id for passage in turn.draft.sources}
        more = tuple(passage for passage in found.passages if passage.chunk_id not in cited)
        found = replace(found, passages=turn.draft.sources + more)
    return found
