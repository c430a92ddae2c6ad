"""Questions that the customer may ask next, suggested once the answer is there: none that the passages do not answer.

What a model writes here becomes a button, so it is checked like an answer: short, plain, about the passages, new.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from html import escape

from django.conf import settings
from pydantic import BaseModel, ConfigDict

import llm
from chat.context import Turn
from chat.leaning import telling_words
from chat.models import Reply
from chat.prompting import as_data, prompt
from chat.understanding import words_to_search
from llm import Message
from llm.cleaning import clean
from llm.database import in_database

MOST = 3
SHORTEST, LONGEST = 6, 120  # characters; in Chinese six say a lot
ANSWER_CHARACTERS = 1_500
IN_PASSAGES = 0.6  # of a question's words: then words alone would find the passages with it
SAME_QUESTION = 0.75  # of the words of two
ADDRESS_OR_MARKUP = re.compile(r"://|www\.|\b[\w-]+\.[a-z]{2,}\b|@|[<>{}`\[\]\\|*_#]", re.IGNORECASE)


class FollowUps(BaseModel):
    """Up to three questions, each in the customer's words."""

    model_config = ConfigDict(extra="forbid")

    questions: list[str]


async def suggest(turn: Turn, answer: str) -> list[str]:
    """Up to three questions that the turn's passages answer, and the answer did not. Raises an `LLMError`."""
    if not turn.passages:
        return []
    use = turn.version.assistant.triage.model
    written = await llm.complete(
        _messages(turn, answer),
        returns=FollowUps,
        purpose="follow_ups",
        model=use.alias,
        max_tokens=use.max_tokens,
        temperature=use.temperature,
        seed=use.seed,
    )
    return worth_asking(turn, written.questions)


async def keep(reply_id: uuid.UUID, questions: list[str]) -> None:
    """Store them with the reply."""
    await in_database(_store, reply_id, questions)


def worth_asking(turn: Turn, suggested: Iterable[str]) -> list[str]:
    """Of what was suggested, what may become a button."""
    known = _words_of_passages(turn)
    asked = [telling_words(text) for text in (turn.asked, words_to_search(turn), *(s.question for s in turn.history))]
    kept: list[str] = []
    for question in (" ".join(clean(text).split()) for text in suggested):
        words = telling_words(question)
        is_new = not any(_is_same(words, other) for other in asked)
        if _is_plain(turn, question) and len(words) > 1 and is_new and len(words & known) >= IN_PASSAGES * len(words):
            kept.append(question)
            asked.append(words)
    return kept[:MOST]


def _messages(turn: Turn, answer: str) -> list[Message]:
    masked = turn.masks.mask(answer)[:ANSWER_CHARACTERS]
    data = (
        f"<passages>\n{as_data(turn.passages)}\n</passages>\n\n"
        f"<question>{escape(words_to_search(turn), quote=False)}</question>\n\n"
        f"<answer>{escape(masked, quote=False)}</answer>"
    )
    instructions = prompt(turn.version.assistant, "follow_ups", site_name=settings.SITE_NAME)
    return [{"role": "system", "content": instructions}, {"role": "user", "content": data}]


def _is_plain(turn: Turn, question: str) -> bool:
    """A question of a decent length, with no address, no markup and nobody's data in it."""
    if not SHORTEST <= len(question) <= LONGEST or not question.endswith(("?", "？")):
        return False
    return not ADDRESS_OR_MARKUP.search(question) and turn.masks.mask(question) == question


def _is_same(words: frozenset[str], other: frozenset[str]) -> bool:
    return words == other or len(words & other) >= SAME_QUESTION * max(1, len(words | other))


def _words_of_passages(turn: Turn) -> frozenset[str]:
    texts = (f"{passage.title} {passage.heading} {passage.text}" for passage in turn.passages)
    return frozenset(word for text in texts for word in telling_words(text))


def _store(reply_id: uuid.UUID, questions: list[str]) -> None:
    Reply.objects.filter(pk=reply_id).update(follow_ups=questions)
