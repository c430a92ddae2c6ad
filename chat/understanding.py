"""Reads a question before it is searched: a follow-up ("and for 15 years?") is made to stand alone."""

from __future__ import annotations

import asyncio
import re
from html import escape
from typing import Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, field_validator

import llm
from chat.context import Turn
from chat.history import as_data, sent_along
from chat.leaning import joined, telling_words
from chat.prompting import prompt
from llm import Message
from llm.cleaning import each_text
from llm.errors import LLMError

EXCHANGES_READ = 4  # a question leans on the last few
REPLY_CHARACTERS = 400  # of each reply: what it was about, not all that it said
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]\w+)?", re.IGNORECASE)


class Understood(BaseModel):
    """What the small model makes of a question. `standalone` needs no earlier message to be understood.

    `language` is the ISO code of the language to answer in; empty when the model named none.
    """

    model_config = ConfigDict(extra="forbid")

    standalone: str = Field(min_length=1, max_length=1_000)
    language: str = Field(max_length=80)
    topic: str = Field(max_length=80)
    difficulty: Literal["easy", "hard"]
    needs_tools: bool

    @field_validator("language", mode="after")
    @classmethod
    def _is_a_code(cls, value: str) -> str:
        """A code and nothing but a code: it goes into prompts."""
        code = LANGUAGE.fullmatch(value.strip())
        return code[1].lower() if code else ""


async def understand(turn: Turn) -> Understood | None:
    """Read the turn's question where its version wants that, within CHAT_TRIAGE_SECONDS.

    None where it does not, or where the model is away, slow, or writes something else: the receipt says so.
    """
    if not _is_wanted(turn):
        return None
    with turn.receipt.step("understanding") as step:
        try:
            async with asyncio.timeout(settings.CHAT_TRIAGE_SECONDS):
                understood = await _read(turn)
        except (LLMError, TimeoutError) as error:
            step["failed"] = error.code if isinstance(error, LLMError) else "timeout"
            return None
        if drifted := _has_drifted(turn, understood.standalone):
            understood = understood.model_copy(update={"standalone": _joined(turn)[:1_000]})
            step["drifted"] = drifted
        step["understood"] = each_text(understood.model_dump(), turn.masks.redact)
    return understood


def words_to_search(turn: Turn) -> str:
    """What the search is asked: the standalone form where there is one, else the question with what it leans on."""
    return turn.understood.standalone if turn.understood else _joined(turn)


def _joined(turn: Turn) -> str:
    return turn.masks.mask(joined(turn.asked, turn.history))  # what was typed earlier is not masked yet


def _is_wanted(turn: Turn) -> bool:
    when = turn.version.assistant.triage.when
    return when == "always" or (when == "follow_ups" and bool(turn.history or turn.summary))


async def _read(turn: Turn) -> Understood:
    use = turn.version.assistant.triage.model
    return await llm.complete(
        _messages(turn),
        returns=Understood,
        purpose="triage",
        model=use.alias,
        max_tokens=use.max_tokens,
        temperature=use.temperature,
        top_p=use.top_p,
        seed=use.seed,
    )


def _messages(turn: Turn) -> list[Message]:
    assistant, masks = turn.version.assistant, turn.masks
    said = as_data(sent_along(turn.history)[-EXCHANGES_READ:], masks, reply_characters=REPLY_CHARACTERS)
    data = [
        f"<summary>{escape(masks.mask(turn.summary), quote=False)}</summary>" if turn.summary else "",
        f"<before>\n{said}\n</before>" if said else "",
        f"<question>{escape(turn.asked, quote=False)}</question>",
    ]
    return [
        {"role": "system", "content": prompt(assistant, "triage", site_name=settings.SITE_NAME)},
        {"role": "user", "content": "\n\n".join(part for part in data if part)},
    ]


def _has_drifted(turn: Turn, standalone: str) -> str:
    """Why a standalone form is not that of this question; empty if it is. It decides what is found."""
    masks = turn.masks
    before = " ".join([masks.mask(turn.summary), *(masks.mask(f"{e.question} {e.reply}") for e in turn.history)])
    asked_numbers, numbers = set(NUMBER.findall(turn.asked)), set(NUMBER.findall(standalone))
    if asked_numbers - numbers:
        return "it lost a number"
    if numbers - asked_numbers - set(NUMBER.findall(before)):
        return "it has a number that nobody said"
    if not telling_words(standalone) & (telling_words(turn.asked) | telling_words(before)):
        return "it shares no word with what was said"
    return ""
