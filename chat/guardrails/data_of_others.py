"""An answer tells no customer what identifies somebody else.

Shown are the customer's own data, and the contacts that stand in what this answer was made from: passages that the
viewer may read, and results of tools that ran as the viewer. Card, account and social security numbers are nobody's
contact: of these only the customer's own are shown.
"""

from __future__ import annotations

from collections import Counter

from chat.context import Turn
from chat.grounding import evidence
from chat.privacy.masks import LEFT_OUT, ONLY_OWN, canonical, find, replaced
from chat.verdicts import Verdict, guardrail

LOCAL = 7  # digits of a phone number without any area code


@guardrail(reads="sentence")
async def data_of_others(turn: Turn, text: str) -> Verdict:
    """Puts `[…]` in the place of each identifier that may not be shown."""
    found = find(text)
    others = [span for span in found if not _may_be_shown(turn, span.type, text[span.start : span.end])]
    if not others:
        return Verdict.allow()
    types = Counter(span.type for span in others)
    left = replaced(text, others, lambda *_: LEFT_OUT)
    return Verdict.rewrite(left, "left out: " + ", ".join(f"{count} {type_}" for type_, count in types.items()))


def _may_be_shown(turn: Turn, type_: str, value: str) -> bool:
    if turn.masks.is_own(type_, value):
        return True
    return type_ not in ONLY_OWN and any(_stands_in(source, type_, value) for source in evidence.found_texts(turn))


def _stands_in(source: str, type_: str, value: str) -> bool:
    """As it is written, or in another way of writing the same."""
    if value in source:
        return True
    wanted = canonical(type_, value)
    written = (canonical(type_, source[span.start : span.end]) for span in find(source) if span.type == type_)
    return any(_is_same_phone(one, wanted) if type_ == "PHONE" else one == wanted for one in written)


def _is_same_phone(one: str, other: str) -> bool:
    """Also when one of them lacks the country's code, or the area's."""
    short, long = sorted((one.lstrip("0"), other.lstrip("0")), key=len)
    return len(short) >= LOCAL and long.endswith(short)
