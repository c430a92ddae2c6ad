"""Prompts are prose; this puts a turn and its passages into those of its version."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from string import Template

from django.conf import settings

from chat.assistant import Assistant, prompts_of_the_house
from chat.context import Turn
from chat.history import UNANSWERED, sent_along
from chat.spoken import language_to_answer_in, name_of
from knowledge.search import Passage
from llm import Message


def prompt(assistant: Assistant, name: str, language: str = "en", **values: str) -> str:
    """The prompt of that name with its `$names` filled in, in a language that it is written in, else in English.

    A version made before the code asked for this prompt gets the code's own. Raises KeyError where a name is missing.
    """
    own = assistant.prompts
    text = own.get(f"{name}.{language}") or own.get(name) or prompts_of_the_house()[name]
    return _template(text).substitute(values)


@cache
def _template(text: str) -> Template:
    return Template(text.strip())


def languages_of(assistant: Assistant, name: str) -> frozenset[str]:
    """The languages that a prompt is written in."""
    translations = (key.removeprefix(f"{name}.") for key in assistant.prompts if key.startswith(f"{name}."))
    return frozenset({"en", *translations})


def messages_for(turn: Turn) -> list[Message]:
    """The whole conversation with the model: instructions, examples, what was said, the passages and the question."""
    assistant = turn.version.assistant
    asked = prompt(assistant, "question", passages=as_data(turn.passages), question=escape(turn.asked, quote=False))
    messages: list[Message] = [{"role": "system", "content": _instructions(turn)}]
    for example in assistant.examples:
        messages += _exchange(example.question, example.answer)
    messages += _earlier(turn)
    messages.append({"role": "user", "content": asked})
    if turn.draft:
        messages.append({"role": "assistant", "content": turn.masks.mask(turn.draft.text)})
        messages.append({"role": "user", "content": "<continue/>"})
    return messages


def as_data(passages: Sequence[Passage], *, start: int = 1) -> str:
    """Passages as marked-up data, numbered from `start`: escaped, so that no document can close its own tag."""
    return "\n".join(
        f'<passage number="{number}" title="{escape(passage.title)}" place="{escape(passage.place)}">\n'
        f"{escape(passage.text, quote=False)}\n</passage>"
        for number, passage in enumerate(passages, start)
    )


def _instructions(turn: Turn) -> str:
    text = prompt(turn.version.assistant, "answer", site_name=settings.SITE_NAME)
    if turn.summary:
        text += "\n\n" + prompt(
            turn.version.assistant, "earlier", summary=escape(turn.masks.mask(turn.summary), quote=False)
        )
    if spoken := name_of(language_to_answer_in(turn)):
        text += "\n\n" + prompt(turn.version.assistant, "language", spoken=spoken)
    return text


def _earlier(turn: Turn) -> list[Message]:
    mask = turn.masks.mask
    said = [_exchange(mask(one.question), mask(one.reply) or UNANSWERED) for one in sent_along(turn.history)]
    return [message for exchange in said for message in exchange]


def _exchange(question: str, reply: str) -> list[Message]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]
