"""What was said before, as far as it is sent along: counted in tokens, the latest first to be kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from django.conf import settings

from chat.context import Exchange
from chat.privacy.masks import Masks

UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
UNANSWERED = "(There was no answer to this.)"  # stands for a reply that was stopped, broke off or failed


def tokens_in(text: str) -> int:
    """About how many tokens a text has: four letters to one, but one for each character of Chinese and the like."""
    unspaced = len(UNSPACED.findall(text))
    return unspaced + -(-(len(text) - unspaced) // 4)


def latest_within(exchanges: Sequence[Exchange], tokens: int) -> tuple[Exchange, ...]:
    """The latest exchanges that come to no more than so many tokens, oldest first. The very last is cut to fit."""
    kept: list[Exchange] = []
    for said in reversed(exchanges):
        size = tokens_in(said.question) + tokens_in(said.reply)
        if size > tokens:
            return tuple(reversed(kept)) if kept else (_cut(said, tokens),)
        tokens -= size
        kept.append(said)
    return tuple(reversed(kept))


def _cut(said: Exchange, tokens: int) -> Exchange:
    question = _first_tokens(said.question, tokens // 2)
    return Exchange(question, _first_tokens(said.reply, tokens - tokens_in(question)))


def _first_tokens(text: str, tokens: int) -> str:
    counted = tokens_in(text)
    return text if counted <= tokens else shortened(text, max(1, len(text) * tokens // counted))


def sent_along(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """The exchanges that a model is given with a question: CHAT_HISTORY_TOKENS at most."""
    return latest_within(exchanges, settings.CHAT_HISTORY_TOKENS)


def as_data(exchanges: Iterable[Exchange], masks: Masks, *, reply_characters: int) -> str:
    """Exchanges as marked-up data: masked, and escaped, so that nothing said can close its own tag."""
    parts = []
    for said in exchanges:
        reply = shortened(masks.mask(said.reply) or UNANSWERED, reply_characters)
        parts.append(f"<customer>{escape(masks.mask(said.question), quote=False)}</customer>")
        parts.append(f"<assistant>{escape(reply, quote=False)}</assistant>")
    return "\n".join(parts)


def shortened(text: str, characters: int) -> str:
    """A text cut at its length, with a mark that it goes on."""
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"
