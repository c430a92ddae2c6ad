"""A question longer than the limit is refused before the other checks read it (A52, A66)."""

from __future__ import annotations

from django.conf import settings

from chat.context import Turn
from chat.verdicts import Verdict, guardrail
from chat.wording import words_for


@guardrail(reads="question", prepares=True)
async def length(turn: Turn, text: str) -> Verdict:
    """Refuses above the version's `characters`, or above `CHAT_MAX_QUESTION_CHARACTERS`, whichever is less."""
    most = settings.CHAT_MAX_QUESTION_CHARACTERS
    limit = min(int(length.settings(turn).get("characters", most)), most)
    if len(text) <= limit:
        return Verdict.allow()
    return Verdict.refuse(f"{len(text)} characters", say=words_for(turn, "say_too_long", limit=f"{limit:,}"))
