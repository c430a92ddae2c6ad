"""Runs a reply again from its receipt: the same version, passages and lookups. It shows what a model repeats, and what
it does not. Nothing is stored but the calls in the ledger, under the purpose `replay`.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

import llm
from chat import guarding, recording
from chat.assistant import Alias
from chat.context import Turn
from chat.differences import Piece, differences
from chat.events import ActionProposed, Answered, ToolUsed
from chat.generation import generate
from chat.models import Reply
from chat.tool_use import FAILED, Toolbox
from chat.versions.states import version_of
from knowledge.access import Viewer
from llm import Message, ToolCall
from llm.database import in_database
from llm.models import Call

PURPOSE = "replay"
LATEST = 5_000  # replies among which a sample is drawn
ENDED = (Reply.Status.DONE, Reply.Status.REFUSED)


class NotReplayable(Exception):
    """The reply cannot be run again. The message says why, to people."""


@dataclass(frozen=True)
class Replayed:
    """A reply and its replay: their texts with personal data masked, and the calls of each, round by round."""

    reply: Reply
    before: str
    after: str
    pieces: tuple[Piece, ...]
    calls_before: tuple[Call, ...]
    calls_after: tuple[Call, ...]
    missing: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return self.before == self.after

    @property
    def request_is_same(self) -> bool | None:
        """Whether the model was asked the very same, by the hashes of the requests; None where they are not known."""
        if not self.calls_before or not self.calls_after:
            return None
        return _hashes(self.calls_before) == _hashes(self.calls_after)

    @property
    def model_is_same(self) -> bool | None:
        """Whether the same model answered, by name and fingerprint; None where the calls are not known."""
        if not self.calls_before or not self.calls_after:
            return None
        return _served(self.calls_before) == _served(self.calls_after)

    @property
    def verdict(self) -> str:
        """What it comes to, in a sentence."""
        if self.is_same:
            return "The same words came."
        if self.request_is_same is False:
            return "Other words came, to a request that is not the same."
        if self.model_is_same is False:
            return "Other words came: the model behind it has changed."
        if self.request_is_same:
            return "Other words came to the same request: this server does not repeat itself."
        return "Other words came."


async def replay(reply: Reply) -> Replayed:
    """Write a reply again and compare. Raises `NotReplayable` and `llm.errors.LLMError`."""
    run = await in_database(_prepare, reply)
    with llm.on_behalf_of(run.turn.version.label, turn=run.turn.id, models=run.turn.version.models):
        after = await _write(run)
    return await in_database(_compare, reply, run, after)


def sample_replies(viewer: Viewer, count: int, *, version: int | None = None, seed: int = 1) -> list[Reply]:
    """Some of the latest replies that a model wrote to their end; the same seed draws the same ones of them."""
    ended = Reply.objects.visible_at_desk(viewer).filter(status__in=ENDED).exclude(model="")
    if version is not None:
        ended = ended.filter(version__number=version)
    latest = list(ended.order_by("-created_at").values_list("pk", flat=True)[:LATEST])
    drawn = random.Random(seed).sample(latest, min(count, len(latest)))  # noqa: S311 (a sample, no secret)
    found = ended.select_related("version", "question").in_bulk(drawn)
    return [found[pk] for pk in drawn if pk in found]


@dataclass
class RecordedToolbox(Toolbox):
    """Gives the model what was looked up then. Nothing is run, and what was not looked up then is not known."""

    kept: list[recording.Round] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)  # tools that the model asks for now and did not then

    async def run(self, calls: Sequence[ToolCall]) -> AsyncGenerator[ToolUsed | ActionProposed | Message, None]:
        self.rounds += 1
        messages: Sequence[Message]
        if self.kept and _asked(self.kept[0].messages) == [(call.name, _canonical(call.arguments)) for call in calls]:
            then = self.kept.pop(0)
            messages, self.is_spent = then.messages, then.is_spent
            self.turn.lookups += then.lookups
            self.turn.passages += then.passages
        else:
            messages = self._without_results(calls)
            self.is_spent = self.rounds >= settings.CHAT_TOOL_ROUNDS
        for message in messages:
            yield message

    def _without_results(self, calls: Sequence[ToolCall]) -> list[Message]:
        self.unknown += [call.name for call in calls]
        functions = [(call.id, {"name": call.name, "arguments": call.arguments}) for call in calls]
        wanted = [{"id": id_, "type": "function", "function": function} for id_, function in functions]
        messages: list[Message] = [{"role": "assistant", "content": "", "tool_calls": wanted}]
        messages += [{"role": "tool", "tool_call_id": call.id, "content": FAILED} for call in calls]
        return messages


@dataclass
class _Run:
    turn: Turn
    alias: Alias
    toolbox: RecordedToolbox
    recorded_version: str


def _prepare(reply: Reply) -> _Run:
    inputs = reply.receipt.get("inputs") or {}
    if reply.status not in ENDED:
        raise NotReplayable("It was not written to its end.")
    if not any(step["step"] == "model" for step in reply.receipt.get("steps", ())):
        raise NotReplayable("No model wrote it.")
    if not recording.can_be_rebuilt(inputs):
        raise NotReplayable("Its receipt is older than replays: it does not hold the passages.")
    if reply.version is None:
        raise NotReplayable("The version that wrote it is not known.")
    turn = recording.rebuild(inputs, version_of(reply.version))
    toolbox = RecordedToolbox(turn, kept=recording.rounds_of(inputs))
    return _Run(turn, inputs["alias"], toolbox, inputs["version"])


async def _write(run: _Run) -> str:
    text = ""
    try:
        async with aclosing(generate(run.turn, run.alias, PURPOSE, run.toolbox)) as events:
            async for event in events:
                if isinstance(event, Answered):
                    text = run.turn.receipt.inputs.get("written", event.text)
    except guarding.Stopped as stopped:
        text = stopped.verdict.say
    return text


def _compare(reply: Reply, run: _Run, after: str) -> Replayed:
    before = reply.receipt["inputs"].get("written") or reply.text
    calls_before, calls_after = calls_of(reply.receipt["steps"]), calls_of(run.turn.receipt.steps)
    missing = _missing(run, calls_before, calls_after)
    pieces = differences(before, after)
    return Replayed(reply, before, after, pieces, calls_before, calls_after, missing)


def calls_of(steps: Sequence[dict[str, Any]]) -> tuple[Call, ...]:
    """The ledger's rows of the answer itself, in the order in which the model was asked."""
    ids = [step["call"] for step in steps if step.get("call")]
    rows = {str(pk): call for pk, call in Call.objects.in_bulk(ids).items()}
    return tuple(rows[pk] for pk in ids if pk in rows)


def _missing(run: _Run, before: tuple[Call, ...], after: tuple[Call, ...]) -> tuple[str, ...]:
    """What a comparison would need and does not have, and what is not as it was."""
    said = {
        "The version was a draft then, and has been changed since.": run.recorded_version != run.turn.version.label,
        "The ledger no longer holds the calls of then: requests and models cannot be compared.": not before,
        "No seed was set: nothing asks the model to repeat itself.": run.turn.version.assistant.answer.seed is None,
        "The server takes no seed, so none was sent.": any(
            call.seed is not None and "seed" not in call.parameters for call in after
        ),
        "The server sent no fingerprint: a change behind the model's name cannot be seen.": not all(
            call.fingerprint for call in (*before, *after)
        ),
        "Another model is asked now.": bool(before and after) and _names(before) != _names(after),
        "Other parameters or tools are sent now.": bool(before and after)
        and before[0].parameters.items() != after[0].parameters.items(),
    }
    asked = sorted(set(run.toolbox.unknown))
    found = [sentence for sentence, is_so in said.items() if is_so]
    return (*found, *(f"It asks for a lookup that was not made then: {tool}." for tool in asked))


def _asked(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """The calls of a round as (name, arguments)."""
    functions = [call["function"] for call in messages[0].get("tool_calls", ())]
    return [(function["name"], _canonical(function["arguments"])) for function in functions]


def _canonical(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), sort_keys=True)
    except ValueError:
        return arguments


def _hashes(calls: Sequence[Call]) -> list[str]:
    return [call.request_hash for call in calls]


def _served(calls: Sequence[Call]) -> list[tuple[str, str]]:
    return [(call.served_by, call.fingerprint) for call in calls]


def _names(calls: Sequence[Call]) -> set[str]:
    return {call.model for call in calls}
