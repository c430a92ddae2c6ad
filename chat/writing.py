"""The answer by the model that was chosen. The strong one's is shown as it comes; a small one's is written on a copy of
the turn and shown at once when all of it holds. Where it does not, the strong model answers afresh, without seeing it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.conf import settings

from chat import guarding
from chat.assistant import Alias
from chat.context import Turn
from chat.events import AnswerDelta, Answered, CheckBegun, Event
from chat.generation import Written, generate
from chat.model_choice import choose_model
from chat.model_choice.checking import HeldBack, check_answer, check_sentence
from chat.tool_use import Toolbox
from knowledge.search import Found, Passage
from llm import ToolCall
from llm.errors import LLMError

log = structlog.get_logger()
FAILED = "failed: "  # before the code of what befell a small model
OF_THE_DRAFT = "draft: "  # before the names of the steps of an answer that nobody saw


@dataclass(frozen=True)
class Drafted:
    """What a small model wrote, on a `turn` of its own, and why it is not shown: empty where it is.

    `text` is as far as it got, as the customer would see it.
    """

    alias: Alias
    turn: Turn
    text: str
    model: str
    held_back: str
    ms: int

    @property
    def sources(self) -> tuple[Passage, ...]:
        return tuple(self.turn.cited)

    @property
    def has_failed(self) -> bool:
        """Whether its model was away, and what it would have written is not known."""
        return self.held_back.startswith(FAILED)

    @property
    def events(self) -> tuple[Event, ...]:
        """What the turn tells when it is shown."""
        return AnswerDelta(self.text, self.sources), Answered(self.text, "stop", self.model, self.sources)


class NoTools(Toolbox):
    """Tools that a model knows of and does not get: where it asks for one, its answer ends."""

    def run(self, calls: Sequence[ToolCall]) -> AsyncGenerator[Any, None]:  # noqa: ARG002
        raise HeldBack("asked for a tool")


async def write(turn: Turn, found: Found, purpose: str) -> Written:
    """Write the answer from what was found, and end with `Answered`.

    Raises `guarding.Stopped` and `llm.errors.LLMError`: the strong model's; what befalls the small one holds it back.
    """
    alias = _choose(turn, found)
    strong = turn.version.assistant.answer.alias
    if alias != strong:
        yield CheckBegun()
        drafted = await draft(turn, alias, purpose)
        turn.drafted = drafted
        if not drafted.held_back:
            _take_over(turn, drafted.turn)
            for event in drafted.events:
                yield event
            return
    async with aclosing(generate(turn, strong, purpose)) as events:
        async for event in events:
            yield event


async def draft(turn: Turn, alias: Alias, purpose: str) -> Drafted:
    """Have a model write an answer that nobody sees yet, and check all of it, within CHAT_SMALL_SECONDS.

    It ends at the first sentence that does not hold.
    """
    copy = replace(turn, receipt=turn.receipt.beside(), masks=deepcopy(turn.masks), findings=[], cited=[], lookups=[])
    began, heard = time.monotonic(), _Heard()
    with turn.receipt.step("draft", alias=alias) as step:
        held_back = await _why_held_back(copy, heard, alias, purpose)
        step |= {"model": heard.model, "held_back": held_back}
    drafted = Drafted(alias, copy, heard.text, heard.model, held_back, round((time.monotonic() - began) * 1000))
    if held_back:
        step["text"] = copy.masks.redact(drafted.text)
        step["checks"] = "; ".join(f"{one['guardrail']}: {one['reason']}" for one in copy.findings if _objects(one))
        turn.receipt.steps += [_of_the_draft(one) for one in copy.receipt.steps]
    return drafted


@dataclass
class _Heard:
    text: str = ""
    model: str = ""


def _choose(turn: Turn, found: Found) -> Alias:
    """Choose, and note it where the version leaves a choice."""
    assistant = turn.version.assistant
    if assistant.easy_alias == assistant.answer.alias and not assistant.model_choice.compared:
        return assistant.answer.alias
    with turn.receipt.step("choice") as step:
        choice = turn.choice = choose_model(turn, found)
        step |= {"alias": choice.alias, "rule": choice.rule, "ease": choice.ease, "signals": choice.signals}
    return choice.alias


async def _why_held_back(turn: Turn, heard: _Heard, alias: Alias, purpose: str) -> str:
    """Write and check; why the answer is not shown, empty if it is."""
    try:
        async with asyncio.timeout(settings.CHAT_SMALL_SECONDS):
            await _write_and_check(turn, heard, alias, purpose)
    except HeldBack as held:
        return str(held)
    except guarding.Stopped as stopped:
        return str(HeldBack(f"refused by {stopped.by}"))
    except TimeoutError:
        return "too slow"
    except LLMError as error:
        return str(HeldBack(FAILED + error.code))
    except Exception:
        log.exception("a small model's answer broke", reply=str(turn.id))
        return FAILED + "internal"
    return ""


async def _write_and_check(turn: Turn, heard: _Heard, alias: Alias, purpose: str) -> None:
    async with aclosing(generate(turn, alias, purpose, NoTools(turn))) as events:
        async for event in events:
            match event:
                case AnswerDelta(text):
                    heard.text += text
                    await asyncio.to_thread(check_sentence, turn, turn.masks.mask(text))
                case Answered():
                    heard.text, heard.model = event.text, event.model
                    check_answer(turn, event)


def _take_over(turn: Turn, copy: Turn) -> None:
    """What was found out and noted on the copy becomes the turn's own."""
    turn.masks, turn.cited = copy.masks, copy.cited
    turn.findings += copy.findings
    turn.receipt.steps += copy.receipt.steps
    turn.receipt.inputs |= copy.receipt.inputs


def _objects(finding: dict[str, Any]) -> bool:
    return bool(finding["action"] != "allow")


def _of_the_draft(step: dict[str, Any]) -> dict[str, Any]:
    """A step of an answer that was not shown, so that nobody takes its call for the reply's own."""
    kept = {name: value for name, value in step.items() if name != "call"}
    kept["step"] = OF_THE_DRAFT + step["step"]
    return kept | ({"draft_call": step["call"]} if "call" in step else {})
