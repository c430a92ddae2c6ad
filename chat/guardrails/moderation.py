"""Harm: the moderation model of the provider, and rules of our own that also work where there is none.

Somebody who may hurt himself is handed over with a next step; threats, hatred, sexual content and help with crimes are
refused. A customer who swears about a fee is angry, not harmful: bare harassment counts only where it is extreme.
"""

from __future__ import annotations

import structlog

import llm
from chat.context import Turn
from chat.suspicion.folding import tokens_of
from chat.suspicion.signs import signs_of
from chat.verdicts import Verdict, guardrail
from chat.wording import words_for
from llm.errors import LLMError

SELF_HARM = ("self-harm", "self_harm", "selfharm", "suicide")  # as servers call it
REFUSED = (
    "violence",
    "hate",
    "sexual",
    "illicit",
    "harassment/threatening",
    "dangerous",
    "fraud",
    "criminal",
    "weapons",
)
ANGER = ("harassment", "profanity", "toxicity", "insult")  # refused only when the model is sure
SURE = 0.9
VICTIM = "protect"
log = structlog.get_logger()


@guardrail(reads="question")
async def moderation(turn: Turn, text: str) -> Verdict:
    """Hands over for self-harm, refuses other harm. The rules go first: they cost nothing."""
    found = found_by_rules(text)
    by = "rules"
    if not found:
        found, by = await _found_by_model(text), "model"
    reason = f"{by}: {', '.join(sorted(found))}"
    if any(category.startswith(SELF_HARM) for category in found):
        return Verdict.hand_over(reason, say=words_for(turn, "say_self_harm"))
    return Verdict.refuse(reason, say=words_for(turn, "say_harm")) if found else Verdict.allow()


def found_by_rules(text: str) -> set[str]:
    """The categories of harm that our own rules find. Help with fraud is asked for, being its victim is told."""
    tokens = tokens_of(text)
    signs = signs_of("harm_signs")
    families = {sign.family for sign in signs.find(tokens)}
    if families <= {"fraud", "dangerous"} and families and signs.holds(tokens, VICTIM):
        return set()
    return families


async def _found_by_model(text: str) -> set[str]:
    """The categories that the provider's model flags and that matter here; none where it cannot be asked."""
    try:
        found = await llm.moderate(text, purpose="moderation")
    except LLMError as error:
        log.debug("moderated by rules alone", error=error.code)
        return set()
    return {category for category in found.flagged if _counts(category, found.scores.get(category, 0.0))}


def _counts(category: str, score: float) -> bool:
    name = category.lower()
    if name.startswith((*SELF_HARM, *REFUSED)):
        return True
    return name.startswith(ANGER) and score >= SURE
