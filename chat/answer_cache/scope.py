"""Under which conditions an answer holds for another question: who may read what, in which language, written by whom.

The scope is a condition of every query, and all of it is in the key of an exact question; no vector decides here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256

from chat.context import Turn
from chat.spoken import LANGUAGES
from knowledge.access import Viewer
from knowledge.languages import likeliest_language
from knowledge.models import Collection
from llm.catalogue import model_for

ENDS = re.compile(r"^[\s\W_]+|[\s\W_]+$")


@dataclass(frozen=True)
class Scope:
    """`readable` stands for the collections that the viewer may read, `assistant` for the record and its models."""

    readable: str
    language: str
    assistant: str

    def key_of(self, question: str) -> str:
        """SHA-256 over the whole scope and the whole question, but for case, width and the marks at its ends."""
        plain = ENDS.sub("", unicodedata.normalize("NFKC", question).casefold())
        return _hash(self.readable, self.language, self.assistant, " ".join(plain.split()))


def scope_of(turn: Turn, question: str) -> Scope:
    """The scope of a turn. Reads the collections from the database."""
    assistant = turn.version.assistant
    models = [model_for(alias).name for alias in (assistant.answer.alias, assistant.easy_alias)]
    written_by = _hash(turn.version.hash or assistant.hash, *models)
    return Scope(readable_by(turn.viewer), likeliest_language(question, LANGUAGES), written_by)


def readable_by(viewer: Viewer) -> str:
    """A hash of the collections that the viewer may read: two who read the same share their answers."""
    ids = Collection.objects.visible_to(viewer).order_by("pk").values_list("pk", "audience")
    return _hash(*(f"{pk}:{audience}" for pk, audience in ids))


def _hash(*parts: str) -> str:
    return sha256("\x1f".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()
