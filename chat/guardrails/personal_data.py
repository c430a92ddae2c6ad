"""E-mail addresses, phone, card, account and social security numbers, and IP addresses go no further than this.

Search, models, receipts and records read a placeholder such as `[EMAIL_1]`; the customer's own page shows the value.
"""

from __future__ import annotations

from collections import Counter

from chat.context import Turn
from chat.privacy.masks import PLACEHOLDER
from chat.verdicts import Verdict, guardrail


@guardrail(reads="question", prepares=True)
async def personal_data(turn: Turn, text: str) -> Verdict:
    """Puts placeholders in the place of what identifies a person; the reason counts them and never holds a value."""
    masked = turn.masks.mask(text, own=True)
    if masked == text:
        return Verdict.allow()
    types = Counter(match[1] for match in PLACEHOLDER.finditer(masked))
    types -= Counter(match[1] for match in PLACEHOLDER.finditer(text))  # what the customer typed that looks like one
    return Verdict.rewrite(masked, "masked: " + ", ".join(f"{count} {type_}" for type_, count in types.items()))
