"""Phrases of compliance rules, found in a question or in a sentence of an answer.

A phrase is plain words, any letters in any case; `*` stands for up to six words of the same sentence and `~` for any
ending of a word. The time is linear in the text, whatever an admin writes (`chat/suspicion/signs.py`).
"""

from __future__ import annotations

from functools import lru_cache

from chat.assistant import Rule
from chat.suspicion.folding import tokens_of
from chat.suspicion.signs import Signs


def first_rule(rules: tuple[Rule, ...], text: str) -> Rule | None:
    """The first of the rules that holds one of its phrases against the text."""
    if not rules:
        return None
    found = {sign.name for sign in _signs(rules).find(tokens_of(text))}
    return next((rule for rule in rules if rule.name in found), None)


@lru_cache(maxsize=16)
def _signs(rules: tuple[Rule, ...]) -> Signs:
    signs = {rule.name: {"family": rule.name, "weight": 1.0, "phrases": rule.watch_for} for rule in rules}
    return Signs({}, signs)
