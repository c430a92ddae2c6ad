"""A sentence of an answer that breaks a rule of the version is replaced by what the rule says instead, once.

It runs behind the other checks of sentences: the rule's words are an admin's, and rest on no passage.
"""

from __future__ import annotations

from chat.assistant import Rule
from chat.context import Turn
from chat.grounding.cutting import without
from chat.suspicion.phrases import first_rule
from chat.verdicts import Verdict, guardrail


@guardrail(reads="sentence")
async def answer_compliance(turn: Turn, text: str) -> Verdict:
    rules = tuple(rule for rule in turn.version.assistant.rules if rule.reads in ("answer", "both"))
    rule = first_rule(rules, text)
    if rule is None:
        return Verdict.allow()
    if _has_been_said(turn, rule):
        return Verdict.rewrite(without(text), rule.name)
    behind = text[len(text.rstrip()) :] or " "
    return Verdict.rewrite(rule.say + behind, rule.name)


def _has_been_said(turn: Turn, rule: Rule) -> bool:
    said = {finding["reason"] for finding in turn.findings if finding["guardrail"] == answer_compliance.name}
    return rule.name in said
