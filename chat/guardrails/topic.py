"""A task that has nothing to do with the business is left out, or refused with what the assistant can do.

Only what is clearly foreign: a poem, somebody's homework, a diagnosis. In doubt a question passes; search finds
nothing for it, and the assistant says that it does not know.
"""

from __future__ import annotations

from chat.context import Turn
from chat.suspicion.folding import tokens_of
from chat.suspicion.pieces import pieces_of
from chat.suspicion.signs import signs_of
from chat.verdicts import Verdict, guardrail
from chat.wording import words_for

NEVER_BUSINESS = {"writing", "code", "school"}  # a poem about mortgages is a poem


@guardrail(reads="question")
async def topic(turn: Turn, text: str) -> Verdict:
    """Steers to the rest of the question where there is one, else refuses what is foreign."""
    foreign = foreign_task(text)
    if not foreign:
        return Verdict.allow()
    rest = " ".join(piece for piece in pieces_of(text) if not foreign_task(piece))
    if rest and is_about_business(rest) and not foreign_task(rest):
        return Verdict.rewrite(rest, foreign, say=words_for(turn, "say_topic_left_out"))
    return Verdict.refuse(foreign, say=words_for(turn, "say_topic"))


def foreign_task(text: str) -> str:
    """The kind of task that the text asks for and that is clearly none of the business, or ""."""
    families = {sign.family for sign in signs_of("topic_signs").find(tokens_of(text)) if sign.weight >= 1}
    certain = families & NEVER_BUSINESS
    if certain or (families and not is_about_business(text)):
        return min(certain or families)
    return ""


def is_about_business(text: str) -> bool:
    """Whether the text speaks of money, a home or an account."""
    return signs_of("topic_signs").holds(tokens_of(text), "business")
