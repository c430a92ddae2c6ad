"""Runs the guardrails that a turn's version switches on, and notes every verdict in the receipt.

A guardrail that breaks is noted as broken. One that prepares the question then stops the turn: unmasked, the question
goes nowhere. The others stop nothing: what the customer may see and do is bounded by what the viewer may, whatever the
model was talked into.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import perf_counter

import structlog

from chat.context import Turn
from chat.errors import FAILURES
from chat.guardrails import INPUT_GUARDRAILS, OUTPUT_GUARDRAILS
from chat.suspicion import injection_signs
from chat.verdicts import Action, Guardrail, Reads, Verdict
from knowledge.languages import language_of

log = structlog.get_logger()
EXAMPLE = "How do I close my account?"


class Stopped(Exception):
    """A guardrail refuses the text or hands over."""

    def __init__(self, by: str, verdict: Verdict) -> None:
        super().__init__(by)
        self.by = by
        self.verdict = verdict


def load() -> None:
    """Read now what the checks read from files (half a second), so that a server's first question does not wait."""
    language_of(EXAMPLE)
    injection_signs.read(EXAMPLE)


async def prepare(turn: Turn) -> None:
    """Let the guardrails that prepare a question do so, one after another. Raises `Stopped`."""
    for check in _switched_on(turn, "question"):
        if check.prepares:
            verdict = await _run(check, turn, turn.asked)
            if verdict.action > Action.REWRITE:
                raise Stopped(check.name, verdict)
            if verdict.action is Action.REWRITE:
                turn.asked = verdict.text


async def judge_question(turn: Turn) -> Verdict:
    """What the other guardrails say of the question, side by side: allowed, or rewritten. Raises `Stopped`.

    A rewritten question is judged again: what is still not allowed is refused.
    """
    _, verdict = await _judge(turn, turn.asked)
    if verdict.action is Action.REWRITE:
        turn.asked = verdict.text
        by, again = await _judge(turn, turn.asked)
        if again.action is not Action.ALLOW:
            raise Stopped(by, again)
    return verdict


async def guard_sentence(turn: Turn, sentence: str) -> str:
    """The sentence as the page may show it, perhaps empty. Raises `Stopped`."""
    for check in _switched_on(turn, "sentence"):
        verdict = await _run(check, turn, sentence)
        if verdict.action > Action.REWRITE:
            raise Stopped(check.name, verdict)
        if verdict.action is Action.REWRITE:
            sentence = verdict.text
        if not sentence.strip():
            break
    return sentence


async def guard_answer(turn: Turn, text: str) -> str:
    """The whole answer as it may stay. Raises `Stopped`."""
    for check in _switched_on(turn, "answer"):
        verdict = await _run(check, turn, text)
        if verdict.action > Action.REWRITE:
            raise Stopped(check.name, verdict)
        if verdict.action is Action.REWRITE:
            text = verdict.text
    return text


async def _judge(turn: Turn, text: str) -> tuple[str, Verdict]:
    """The strongest verdict, and whose it is. Raises `Stopped`."""
    checks = [check for check in _switched_on(turn, "question") if not check.prepares]
    verdicts = await asyncio.gather(*(_run(check, turn, text) for check in checks))
    names = [check.name for check in checks]
    by, strongest = max(zip(names, verdicts, strict=True), key=lambda pair: pair[1].action, default=("", Verdict()))
    if strongest.action > Action.REWRITE:
        raise Stopped(by, strongest)
    return by, strongest


def _switched_on(turn: Turn, reads: Reads) -> Iterable[Guardrail]:
    shelf = INPUT_GUARDRAILS if reads == "question" else OUTPUT_GUARDRAILS
    chosen = turn.version.assistant.guardrails
    return [check for check in shelf if check.reads == reads and check.name in chosen]


async def _run(check: Guardrail, turn: Turn, text: str) -> Verdict:
    began = perf_counter()
    try:
        verdict = await check(turn, text)
    except Exception:
        log.exception("guardrail broke", guardrail=check.name, reply=str(turn.id))
        verdict = Verdict.refuse("it broke", say=FAILURES["internal"]) if check.prepares else Verdict.allow("it broke")
    _note(turn, check, verdict, text, (perf_counter() - began) * 1000)
    return verdict


def _note(turn: Turn, check: Guardrail, verdict: Verdict, text: str, ms: float) -> None:
    """Into the receipt. Texts that were allowed are counted, all others kept, masked."""
    allowed = verdict.action is Action.ALLOW
    if allowed:
        for earlier in turn.findings:
            if (earlier["guardrail"], earlier["action"], earlier["reason"]) == (check.name, "allow", verdict.reason):
                earlier["count"] += 1
                earlier["ms"] = round(earlier["ms"] + ms, 2)
                return
    turn.findings.append(
        {
            "guardrail": check.name,
            "reads": check.reads,
            "action": verdict.action.name.lower(),
            "reason": verdict.reason[:300],
            "text": "" if allowed else turn.masks.redact(text)[:2_000],
            "count": 1,
            "ms": round(ms, 2),
        }
    )
