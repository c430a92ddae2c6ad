"""The answer as the model writes it: rounds of tools, sentences that were checked, citations that lead somewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from django.conf import settings

import llm
from chat import guarding, recording
from chat.assistant import Alias
from chat.citations import CitedText
from chat.context import Turn
from chat.events import ActionProposed, AnswerDelta, Answered, Delayed, Event, Replaced, ToolUsed
from chat.prompting import messages_for
from chat.sentences import Sentences
from chat.tool_use import Toolbox
from knowledge.search import Passage
from llm.errors import LLMError, NoAnswer

Written = AsyncGenerator[Event, None]


class Writer:
    """Writes one answer: from the model's words to those that the customer reads."""

    def __init__(self, turn: Turn, alias: Alias, purpose: str, toolbox: Toolbox | None = None) -> None:
        self.turn, self.alias, self.purpose = turn, alias, purpose
        self.messages = messages_for(turn)
        self.toolbox = toolbox or Toolbox(turn)
        self.calls: tuple[llm.ToolCall, ...] = ()  # what the model wants looked up before it goes on
        self.reason, self.model = "length", ""
        self.before = turn.draft.text if turn.draft else ""
        turn.cited = list(turn.draft.sources) if turn.draft else []
        self._cited = CitedText(turn.passages, turn.cited)  # both know what is cited
        self._sentences = Sentences()
        self._checked: list[str] = []  # with personal data masked, as the checks read it
        self._room = settings.CHAT_MAX_REPLY_CHARACTERS - len(self.before)

    @property
    def text(self) -> str:
        """What was written in this turn, as the checks read it."""
        return "".join(self._checked)

    @property
    def sources(self) -> tuple[Passage, ...]:
        return tuple(self._cited.cited)

    async def write_round(self) -> Written:
        """Let the model write until it ends or asks for tools. Raises `guarding.Stopped` and an `LLMError`."""
        self.calls, self.reason = (), "length"
        with self.turn.receipt.step("model", alias=self.alias) as step:
            async with aclosing(self._stream()) as pieces:
                async for piece in pieces:
                    match piece:
                        case llm.Text(text):
                            for sentence in self._sentences.feed(self._cited.feed(text)):
                                async for delta in self._show(sentence):
                                    yield delta
                        case llm.Waiting(seconds):
                            yield Delayed(seconds)
                        case llm.ToolCalls(calls):
                            self.calls = calls
                        case llm.Finished():
                            self.reason, self.model = piece.reason, piece.served_by
                            step |= {"call": str(piece.call_id), "fingerprint": piece.fingerprint}
                    if self._room <= 0:
                        break
            step |= {"model": self.model, "finish_reason": self.reason}
            if self._cited.dropped:
                step["citations_dropped"] = self._cited.dropped

    async def use_tools(self) -> Written:
        """Run the calls of the last round; the model reads their results in the next one."""
        async for delta in self._end_paragraph():
            yield delta
        turn = self.turn
        said, looked_up, found = len(self.messages), len(turn.lookups), len(turn.passages)
        with self.turn.receipt.step("tools", calls=[call.name for call in self.calls]):
            async for result in self.toolbox.run(self.calls):
                if isinstance(result, ToolUsed | ActionProposed):
                    yield result
                else:
                    self.messages.append(result)
        self._cited.passages = self.turn.passages  # a search may have added some
        done = tuple(self.messages[said:]), tuple(turn.lookups[looked_up:]), turn.passages[found:]
        recording.add_round(turn, recording.Round(*done, self.toolbox.is_spent))

    async def show_rest(self) -> Written:
        """What was held back until it was certain that nothing follows."""
        for sentence in [*self._sentences.feed(self._cited.finish()), *self._sentences.finish()]:
            async for delta in self._show(sentence):
                yield delta

    async def _end_paragraph(self) -> Written:
        """What was written before a look-up does not run into what comes after it."""
        async for delta in self.show_rest():
            yield delta
        if self.text and not self.text.endswith("\n"):
            async for delta in self._show("\n\n"):
                yield delta

    async def _show(self, sentence: str) -> Written:
        if checked := await guarding.guard_sentence(self.turn, sentence):
            shown = self.turn.masks.unmask(checked)
            self._checked.append(checked)
            self._room -= len(shown)
            yield AnswerDelta(shown, self.sources)

    def _stream(self) -> AsyncGenerator[llm.Event, None]:
        use = self.turn.version.assistant.answer
        return llm.stream(
            self.messages,
            purpose=self.purpose,
            model=self.alias,
            tools=self.toolbox.schemas,
            tool_choice="none" if self.toolbox.is_spent else None,
            max_tokens=min(use.max_tokens, settings.CHAT_MAX_REPLY_TOKENS),
            temperature=use.temperature,
            top_p=use.top_p,
            seed=None if use.seed is None else use.seed + self.turn.variant - 1,
        )


async def generate(turn: Turn, alias: Alias, purpose: str, toolbox: Toolbox | None = None) -> Written:
    """Write the answer, check it as a whole, and end with `Answered`.

    Raises `guarding.Stopped` and `llm.errors.LLMError`.
    """
    writer = Writer(turn, alias, purpose, toolbox)
    recording.begin(turn, alias, writer.messages)
    broken: LLMError | None = None
    try:
        async with aclosing(_write_all(writer)) as events:
            async for event in events:
                yield event
    except LLMError as error:
        broken = error
    async for event in writer.show_rest():  # of a broken answer too: what came is kept
        yield event
    if writer.calls and not writer.text.strip():
        broken = broken or NoAnswer("it asked for tools without end")
    if broken:
        raise broken
    with turn.receipt.step("answer checks"):
        kept = await guarding.guard_answer(turn, writer.text)
    written, sources = _renumbered(turn.masks.mask(writer.before) + kept, writer.sources)
    if kept != writer.text or sources != writer.sources:  # a sentence that was cut may have been the only one to cite
        yield Replaced(turn.masks.unmask(written), sources)
    recording.end(turn, written)
    yield Answered(turn.masks.unmask(written), writer.reason, writer.model, sources)


async def _write_all(writer: Writer) -> Written:
    """Rounds of writing and looking up, until the model wants nothing more."""
    while True:
        async with aclosing(writer.write_round()) as events:
            async for event in events:
                yield event
        if not writer.calls or writer.toolbox.is_spent:
            return
        async with aclosing(writer.use_tools()) as events:
            async for event in events:
                yield event


def _renumbered(text: str, sources: tuple[Passage, ...]) -> tuple[str, tuple[Passage, ...]]:
    """The text with its citations numbered from 1 again, and the sources that it still cites."""
    cited = CitedText(sources)
    text = cited.feed(text) + cited.finish()
    return text, tuple(cited.cited)
