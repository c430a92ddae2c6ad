"""How the model of a reply was chosen and what came of it, in words: for the customer, and for staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SIGNALS = {
    "triage": "found easy",
    "best": "best passage",
    "lead": "ahead of the next document",
    "agreement": "passages agree",
    "short": "short",
}
WHY = {
    "risk": "the question touches {}",
    "asked again": "the customer asked again",
    "continued": "it goes on from an answer that was cut",
    "steered": "a check put the question another way",
    "too long": "the question is long",
    "needs tools": "something has to be looked up",
    "hard": "the question was found hard",
    "no passages": "nothing was found",
    "limited search": "only words could be searched",
    "language": "the small model does not write this language well",
    "listed": "the version lists a phrase of it",
    "switched off": "small models are switched off",
}


def told_to_customers(steps: Sequence[dict[str, Any]]) -> str:
    """What the customer reads of a small model's answer; empty where none was written. Why one did not hold is for
    staff."""
    drafts = [step for step in steps if step["step"] == "draft" and "held_back" in step]
    if not drafts:
        return ""
    if drafts[-1]["held_back"]:
        return "A smaller model's answer did not pass the checks, so it was written again by a larger one."
    return "A smaller model wrote it. All of it was checked before it was shown."


def facts_of_choice(step: dict[str, Any]) -> dict[str, Any]:
    """The choice, why, and how easy the question looked with each sign of it."""
    return {
        "chosen": step.get("alias", ""),
        "rule": in_words(step.get("rule", "")),
        "ease": f"{step.get('ease', 0):.2f}",
        "signs": {SIGNALS.get(name, name): f"{value:.2f}" for name, value in step.get("signals", {}).items()},
    }


def facts_of_draft(step: dict[str, Any]) -> dict[str, Any]:
    """Whether the small model's answer was shown; one that was not, with what the checks said of it."""
    if "held_back" not in step:
        return {"came to": "nothing: the turn ended before it was checked"}
    why = step["held_back"]
    return {
        "came to": f"held back: {why}" if why else "shown after all of it was checked",
        "what was held back": step.get("text", ""),
        "what checks said": step.get("checks", ""),
    }


def in_words(rule: str) -> str:
    """A rule's code for people; empty where the ease decided."""
    code, _, what = rule.partition(": ")
    return WHY.get(code, rule).format(what)
