"""The rules that an admin edits in a version: no legal advice, no promise of a loan. Steered where a rule says how."""

from __future__ import annotations

from chat.context import Turn
from chat.suspicion.phrases import first_rule
from chat.verdicts import Verdict, guardrail


@guardrail(reads="question")
async def compliance(turn: Turn, text: str) -> Verdict:
    """Asks what the first rule that is hit asks instead and says its sentence, or refuses with it."""
    rules = tuple(rule for rule in turn.version.assistant.rules if rule.reads in ("question", "both"))
    rule = first_rule(rules, text)
    if rule is None or text == rule.ask_instead:
        return Verdict.allow()
    if rule.ask_instead:
        return Verdict.rewrite(rule.ask_instead, rule.name, say=rule.say)
    return Verdict.refuse(rule.name, say=rule.say)
