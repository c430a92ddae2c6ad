"""How a reply came about, in plain words for the customer whose reply it is.

No scores, no names of guardrails: what helps to understand an answer is said, what helps to get round a check is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format

from chat.models import Finding, Reply
from chat.receipts.choice import told_to_customers

PERSONAL_DATA = {
    "EMAIL": "e-mail address",
    "PHONE": "phone number",
    "CARD": "card number",
    "IBAN": "account number",
    "SSN": "social security number",
    "IP": "internet address",
}


@dataclass(frozen=True)
class ShortReceipt:
    """What `How this was answered` says, sentence by sentence. `seconds` is None where no time was kept."""

    sentences: tuple[str, ...]
    model: str
    seconds: float | None
    version: int | None


def short_receipt(reply: Reply) -> ShortReceipt:
    """The receipt of a reply as its customer may read it. Sync: it asks for sources, findings and the version."""
    return ShortReceipt(
        tuple(_sentences(reply)),
        reply.model,
        None if reply.saved_at else _seconds(reply.receipt.get("steps", [])),  # it was written another day
        reply.version.number if reply.version else None,
    )


def _sentences(reply: Reply) -> Iterator[str]:
    steps, inputs = reply.receipt.get("steps", []), reply.receipt.get("inputs", {})
    if inputs.get("masked"):
        yield _masked(inputs["masked"])
    if reply.steered:
        yield f"The question was put another way: {reply.steered}"
    for step in steps:
        if step["step"] == "search" and "passages" in step:
            yield from _searched(reply, step, inputs.get("asked"))
    for lookup in reply.lookups:
        yield f"{lookup['words']}{': that did not work' if lookup.get('failed') else ''}."
    if inputs.get("draft"):
        yield "It goes on from an answer that was cut."
    if reply.saved_at:
        yield f"Saved answer, written on {date_format(reply.saved_at, 'j F Y')}, checked against today's documents."
    if said := told_to_customers(steps):
        yield said
    yield from _checked(reply)
    if not reply.model and not reply.stopped_by:
        yield "No model wrote this."


def _searched(reply: Reply, step: dict[str, Any], asked: str | None) -> Iterator[str]:
    if asked and step.get("asked") not in (None, asked):
        yield f"Because the question goes on from what was said before, “{step['asked']}” was looked up."
    read, cited = step["passages"], reply.sources.count()
    count = read if isinstance(read, int) else len(read)
    if not count:
        yield "The help centre was searched, and nothing that fits was found."
        return
    passages = "1 passage" if count == 1 else f"{count} passages"
    yield f"{passages} of the help centre {'was' if count == 1 else 'were'} read, {cited or 'none'} of them cited."
    if step.get("limited"):
        yield "Only the words of the question could be searched, not its meaning."


def _checked(reply: Reply) -> Iterator[str]:
    """What checks stopped or changed, counted; which ones, and why, is for staff."""
    actions = Finding.Action
    done = Counter(reply.findings.exclude(action=actions.ALLOW).values_list("reads", "action"))
    if reply.stopped_by:
        is_question = any(reads == "question" and action != actions.REWRITE for reads, action in done)
        yield f"A check stopped the {'question' if is_question else 'answer'}, and these words took its place."
    elif reworded := done["sentence", actions.REWRITE]:
        yield f"A check changed or left out {'1 sentence' if reworded == 1 else f'{reworded} sentences'}."
    if not reply.stopped_by and done["answer", actions.REWRITE]:
        yield "When it was written, a check changed it as a whole."


def _masked(types: list[str]) -> str:
    names = [PERSONAL_DATA.get(name, "personal data") for name in types]
    *first, last = dict.fromkeys(names)
    words = f"{', '.join(first)} and {last}" if first else last
    return f"Your {words} {'were' if first else 'was'} not sent to the model."


def _seconds(steps: list[dict[str, Any]]) -> float | None:
    """From the beginning to the end of the last step: of one monotonic clock, so never negative (F18)."""
    ends = [step["at_ms"] + step.get("ms", 0) for step in steps]
    return max(0, *ends) / 1000 if ends else None
