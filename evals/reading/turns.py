"""An answer as the turn that it came from, so that the checks of the chat can read it once more."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from string import Template

from django.conf import settings

from chat.assistant import Version
from chat.context import Exchange, Lookup, Turn
from chat.grounding.statements import is_statement, plain
from chat.sentences import split
from chat.versions.states import Refused, house, version_named
from evals.answers import Answer, Source
from evals.cases import VIEWERS, Case
from knowledge.search import Passage
from llm.database import in_database

SAID = ("unknown", "say_", "leaked")  # prompts that customers read as they are


async def turn_of(case: Case, answer: Answer) -> Turn:
    """The turn with its passages, look-ups and citations, of the version that answered.

    Without a version that is stored under the answer's label it is the assistant that comes with the code.
    """
    version = await in_database(_version_of, answer.assistant) if answer.assistant else _of_the_code()
    passages = tuple(_passage(source, place) for place, source in enumerate(answer.passages))
    turn = Turn(
        case.question,
        VIEWERS[case.audience],
        version,
        history=tuple(Exchange(said.question, said.reply) for said in case.history),
        passages=passages,
        cited=_cited(answer.passages, passages),
    )
    turn.lookups = [Lookup(one.tool, one.arguments, one.result, "", one.failed) for one in answer.lookups]
    return turn


def statements_in(turn: Turn, text: str) -> list[str]:
    """The sentences that state something which sources have to bear out."""
    return [sentence for sentence in split(text) if is_statement(turn, sentence)]


def without_own_words(turn: Turn, text: str) -> str:
    """The text without the sentences that the version has for its customers when it does not know, or refuses."""
    prompts = turn.version.assistant.prompts.items()
    own = {plain(one) for name, said in prompts if name.startswith(SAID) for one in split(_filled(said))}
    return "".join(sentence for sentence in split(text) if plain(sentence) not in own)


def _filled(text: str) -> str:
    return Template(text).safe_substitute(site_name=settings.SITE_NAME)


def _version_of(label: str) -> Version:
    try:
        return version_named(label.partition(" ")[0])
    except Refused:
        return _of_the_code()


def _of_the_code() -> Version:
    return Version(0, house())


def _passage(source: Source, place: int) -> Passage:
    """As the search found it; one that was kept without its chunk gets a number of its own."""
    chunk = source.chunk if source.chunk is not None else -1 - place
    document = uuid.uuid5(uuid.NAMESPACE_URL, source.document or source.name)
    return Passage(chunk, document, source.version, source.title, source.place, None, source.text, source.score)


def _cited(sources: Sequence[Source], passages: Sequence[Passage]) -> list[Passage]:
    """Those that have a number, in the order of their numbers."""
    numbered = [(source.number, passage) for source, passage in zip(sources, passages, strict=True) if source.number]
    return [passage for _, passage in sorted(numbered, key=lambda pair: pair[0])]
