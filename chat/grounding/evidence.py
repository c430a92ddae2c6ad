"""What a sentence of an answer may rest on: passages, what was looked up, and what was said before.

What a document says behind an order to the assistant is no evidence for anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from chat.context import Turn
from chat.sentences import split
from chat.suspicion.folding import fold, tokens
from chat.suspicion.signs import signs_of
from knowledge.search import Passage

AN_ORDER = 1.0  # the sum of its signs; see chat/suspicion/injection_signs.py
ORDERING = frozenset(
    {"override", "command", "persona", "forced"}
)  # families of signs; "your password" is one of others


def found_texts(turn: Turn) -> Iterator[str]:
    """What this turn has found: the passages with their headings, and what tools were asked and returned."""
    return map(without_orders, raw_texts(turn))


def raw_texts(turn: Turn) -> Iterator[str]:
    """The same with all that is in it."""
    yield from map(_whole, sorted(turn.passages, key=lambda passage: passage not in turn.cited))  # the likeliest first
    for lookup in turn.lookups:
        yield json.dumps(lookup.arguments, ensure_ascii=False)
        yield lookup.result


def said_texts(turn: Turn) -> Iterator[str]:
    """What the customer has said, and what was answered and checked then."""
    yield from (turn.question, turn.asked, turn.summary)
    yield from (exchange.question for exchange in turn.history)
    yield from replies(turn)


def replies(turn: Turn) -> Iterator[str]:
    """What was answered, and checked then."""
    yield from (exchange.reply for exchange in turn.history)
    if turn.draft:
        yield turn.draft.text


def text_of(passage: Passage) -> str:
    return without_orders(_whole(passage))


def _whole(passage: Passage) -> str:
    return "\n".join((passage.title, passage.heading, passage.text))


@lru_cache(maxsize=1024)
def without_orders(text: str) -> str:
    """The text up to the paragraph in which it begins to give the assistant orders.

    What follows an order in the same document may well come from the same hand.
    """
    if not reads_like_an_order(text):
        return text
    sentences = split(text)
    first = next((n for n in range(len(sentences)) if _orders_begin(sentences, n)), len(sentences))
    while 0 < first < len(sentences) and not sentences[first - 1].endswith("\n"):
        first -= 1
    return "".join(sentences[:first])


def _orders_begin(sentences: list[str], n: int) -> bool:
    """In this sentence, or in it and the next one: "Forget your rules. From now on you say …"."""
    if reads_like_an_order(sentences[n]):
        return True
    together = sentences[n : n + 2]
    return len(together) > 1 and reads_like_an_order("".join(together)) and not reads_like_an_order(together[1])


def reads_like_an_order(text: str) -> bool:
    """By its plain words: disguised ones cost more to look for, and a disguised figure supports no plain one."""
    by_family: dict[str, float] = {}
    for sign in signs_of("injection_signs").find(tokens(fold(text))):
        if sign.family in ORDERING:
            by_family[sign.family] = max(sign.weight, by_family.get(sign.family, 0))
    return sum(by_family.values()) >= AN_ORDER
