"""A reply's whole receipt, for staff: each step as a bar on one time axis, with what it did.

The steps' times are of one monotonic clock. The ledger's rows have the time of day, so a call that no step names is
drawn within the step that it belongs to: a clock that jumps makes no bar negative and puts none outside (F18).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chat import recording
from chat.assistant import Version
from chat.context import Lookup
from chat.models import Finding, Reply
from chat.prompting import messages_for
from chat.receipts.choice import facts_of_choice, facts_of_draft
from chat.versions.states import version_of
from chat.writing import OF_THE_DRAFT
from llm import Message
from llm.models import Call

AXIS = 1_000  # the width of the drawing, in units of its own
LEAST = 4  # so that a step of no time is seen
STEP_OF_CALL = {
    "moderation": "question checks",
    "guard": "question checks",
    "triage": "understanding",
    "question": "search",
    "answer": "model",
    "judge": "answer checks",
    "follow_ups": "afterwards",
    "summary": "afterwards",
}
STEP_OF_FINDING = {"question": "question checks", "sentence": "model", "answer": "answer checks"}
SHOWN_ELSEWHERE = {"step", "at_ms", "ms", "call", "calls", "tool", "passages", "fingerprint", "alias", "model"}
SHOWN_ELSEWHERE |= {"draft_call"}
HOW_SAVED = {
    "exact": "the very same question was answered before",
    "alike": "a question of the same meaning was answered before",
    "approved": "a question of the same meaning has an answer that a person approved",
    "landed": "somebody else was just being answered the very same question",
}


@dataclass(frozen=True)
class Bar:
    """A span of time, and where it lies on the axis. `mark`: the first token; both in units of `AXIS`."""

    at_ms: int
    ms: int
    x: int
    width: int
    mark: int | None = None


@dataclass(frozen=True)
class ShownCall:
    """A call of the ledger, and where it lies."""

    row: Call
    bar: Bar

    @property
    def cost(self) -> float | None:
        """US dollars; None where no price is known."""
        return None if self.row.cost_microdollars is None else self.row.cost_microdollars / 1_000_000


@dataclass
class Span:
    """A step, and what was done in it. `facts` is what it noted beside that; a nested one is part of the one before."""

    name: str
    bar: Bar
    is_nested: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    passages: Sequence[dict[str, Any]] = ()
    calls: list[ShownCall] = field(default_factory=list)
    lookups: Sequence[Lookup] = ()
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Waterfall:
    """Tokens and cost of all calls that the reply took. `cost` is in US dollars, None where a price is not known."""

    spans: tuple[Span, ...]
    total_ms: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None


def waterfall_of(reply: Reply) -> Waterfall:
    """The steps of a reply in their order, with calls, passages, lookups and verdicts. Sync: it asks the database."""
    return waterfall(reply.receipt, turn=reply.pk, began=reply.created_at, findings=reply.findings.order_by("id"))


def waterfall(
    receipt: dict[str, Any], *, turn: uuid.UUID, began: datetime, findings: Iterable[Finding] = ()
) -> Waterfall:
    """The same for a receipt that is kept elsewhere. `turn` names its calls in the ledger."""
    steps = sorted(receipt.get("steps", []), key=lambda step: int(step["at_ms"]))
    total = max((step["at_ms"] + step.get("ms", 0) for step in steps), default=0)
    inputs = receipt.get("inputs", {})
    spans = [_span(step, total, inputs) for step in steps]
    calls = list(Call.objects.filter(turn=turn).order_by("created_at"))
    for call in calls:
        _give_call(call, began, spans, steps, total)
    for span, done in zip(_named("tools", spans), recording.rounds_of(inputs), strict=False):
        span.lookups = done.lookups
    for finding in findings:
        _step_of(STEP_OF_FINDING.get(finding.reads, ""), spans, total).findings.append(finding)
    costs = [call.cost_microdollars for call in calls]
    return Waterfall(
        tuple(spans),
        total,
        sum(call.prompt_tokens for call in calls),
        sum(call.completion_tokens for call in calls),
        None if None in costs else sum(cost or 0 for cost in costs) / 1_000_000,
    )


def messages_of(reply: Reply) -> list[Message]:
    """What the model was sent for the last time, rebuilt from the receipt and the version; empty where it cannot be.

    Only for those who may read prompts.
    """
    return messages_in(reply.receipt, version_of(reply.version)) if reply.version else []


def messages_in(receipt: dict[str, Any], version: Version) -> list[Message]:
    """The same for a receipt that is kept elsewhere, of an answer by this version."""
    inputs = receipt.get("inputs", {})
    if not recording.can_be_rebuilt(inputs):
        return []
    first = messages_for(recording.rebuild(inputs, version))
    return [*first, *(message for done in recording.rounds_of(inputs) for message in done.messages)]


def _span(step: dict[str, Any], total: int, inputs: dict[str, Any]) -> Span:
    passages = step.get("passages", ())
    texts = {passage["chunk_id"]: passage["text"] for passage in inputs.get("passages", ())}
    noted = IN_WORDS.get(step["step"], dict)(step)
    facts = {name.replace("_", " "): value for name, value in noted.items() if name not in SHOWN_ELSEWHERE and value}
    return Span(
        f"{step['step']}: {step['tool']}" if "tool" in step else step["step"],
        _bar(step["at_ms"], step.get("ms", 0), total),
        "tool" in step or step["step"].startswith(OF_THE_DRAFT),
        facts,
        [{"text": texts.get(one.get("chunk"), "")} | one for one in passages] if isinstance(passages, list) else (),
    )


def _of_saved(step: dict[str, Any]) -> dict[str, Any]:
    """What a look among the saved answers came to, in words."""
    how, why, error = HOW_SAVED.get(step.get("how", ""), ""), step.get("why", ""), step.get("expected_error")
    return {
        "came to": f"a miss: {why}" if why else f"a hit: {how}",
        "nearest": how if why else "",
        "expected error": f"{100 * error:.1f} % at most" if error is not None else "",
        "saved answer": step.get("answer", ""),
    }


IN_WORDS = {"saved answers": _of_saved, "choice": facts_of_choice, "draft": facts_of_draft}  # steps told in words


def _give_call(call: Call, began: datetime, spans: list[Span], steps: Sequence[dict[str, Any]], total: int) -> None:
    """Put a call under the step that names it, else under the one that makes calls of its purpose."""
    named = [
        span
        for span, step in zip(spans, steps, strict=False)
        if str(call.pk) in (step.get("call"), step.get("draft_call"))
    ]
    span = named[0] if named else _step_of(STEP_OF_CALL.get(call.purpose, "other calls"), spans, total)
    after = (call.created_at - timedelta(milliseconds=call.duration_ms) - began) / timedelta(milliseconds=1)
    ms = min(call.duration_ms, span.bar.ms)
    latest = span.bar.at_ms + span.bar.ms - ms
    at = span.bar.at_ms if named else min(max(round(after), span.bar.at_ms), latest)
    span.calls.append(ShownCall(call, _bar(at, ms, total, call.first_token_ms)))


def _step_of(name: str, spans: list[Span], total: int) -> Span:
    """The last step of that name; one that was not reached is added at the end."""
    found = _named(name, spans)
    if not found:
        found = [Span(name or "other", _bar(total, 0, total))]
        spans += found
    return found[-1]


def _named(name: str, spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.name == name]


def _bar(at_ms: int, ms: int, total: int, first_token_ms: int | None = None) -> Bar:
    at_ms, ms = max(0, at_ms), max(0, ms)
    x = min(_scaled(at_ms, total), AXIS - LEAST)
    width = min(max(_scaled(ms, total), LEAST), AXIS - x)
    mark = None if first_token_ms is None else min(x + _scaled(min(first_token_ms, ms), total), AXIS)
    return Bar(at_ms, ms, x, width, mark)


def _scaled(ms: int, total: int) -> int:
    return round(AXIS * ms / total) if total else 0
