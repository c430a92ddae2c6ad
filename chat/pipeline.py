"""The whole idea on one screen: find the passages that the viewer may read, answer from them, cite them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from django.conf import settings

import llm
from chat.citations import CitedText
from chat.context import Turn
from chat.events import AnswerDelta, Answered, Delayed, Event, SourcesFound
from chat.prompting import languages_of, messages_for, prompt
from knowledge.languages import likeliest_language
from knowledge.search import Found, search


async def answer(turn: Turn, *, purpose: str = "answer") -> AsyncGenerator[Event, None]:
    """Answer the turn's question. Stores nothing of the conversation; each step is noted in `turn.receipt`.

    Yields `SourcesFound`, then `AnswerDelta`s and at the end one `Answered`. Raises `llm.errors.LLMError`
    when the model fails; what was yielded until then stands. Consume it under `contextlib.aclosing()`.
    """
    found = await _find(turn)
    yield SourcesFound(found.passages, found.limited)
    if not found.passages:
        text = prompt("unknown", likeliest_language(turn.question, languages_of("unknown")))
        yield AnswerDelta(text)
        yield Answered(text, "stop", "", ())
        return
    async with aclosing(_generate(turn, found, purpose)) as events:
        async for event in events:
            yield event


async def _find(turn: Turn) -> Found:
    """What the search finds; the passages that a draft has cited come first, so that its numbers stay true."""
    with turn.receipt.step("search") as step:
        found = await search(turn.question, viewer=turn.viewer)
        step["limited"] = found.limited
        step["passages"] = [{"chunk": p.chunk_id, "title": p.title, "score": round(p.score, 4)} for p in found.passages]
    if turn.draft:
        cited = {passage.chunk_id for passage in turn.draft.sources}
        more = tuple(passage for passage in found.passages if passage.chunk_id not in cited)
        found = replace(found, passages=turn.draft.sources + more)
    return found


async def _generate(turn: Turn, found: Found, purpose: str) -> AsyncGenerator[Event, None]:
    cited = CitedText(found.passages, list(turn.draft.sources) if turn.draft else [])
    written = [turn.draft.text] if turn.draft else []
    room = settings.CHAT_MAX_REPLY_CHARACTERS - sum(map(len, written))
    reason, model = "length", ""
    with turn.receipt.step("model") as step:
        stream = llm.stream(
            messages_for(turn, found.passages), purpose=purpose, max_tokens=settings.CHAT_MAX_REPLY_TOKENS
        )
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                match piece:
                    case llm.Text(text):
                        if shown := cited.feed(text):
                            written.append(shown)
                            room -= len(shown)
                            yield AnswerDelta(shown, tuple(cited.cited))
                    case llm.Waiting(seconds):
                        yield Delayed(seconds)
                    case llm.Finished():
                        reason, model = piece.reason, piece.served_by
                        step["call"] = str(piece.call_id)
                if room <= 0:
                    break
        step |= {"model": model, "finish_reason": reason}
    if held := cited.finish():
        written.append(held)
        yield AnswerDelta(held, tuple(cited.cited))
    yield Answered("".join(written), reason, model, tuple(cited.cited))
