"""A day of questions while documents change: what is served afterwards, and when the hits come back.

For the tests, which play a short one, and for `make bench-cache`, which plays a long one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import F

from chat.models import Reply, SavedAnswer
from knowledge.models import Chunk, Document, DocumentVersion
from knowledge.removal import remove
from knowledge.words import analyse
from llm.database import in_database
from tests.chat.conftest import finished_behind
from tests.chat.turns import answered
from tests.factories import embed


@dataclass
class Served:
    """Of some questions: how many got a saved answer, and how many of these were stale."""

    asked: int = 0
    hits: int = 0
    stale: list[str] = field(default_factory=list)

    @property
    def hit_rate(self) -> float:
        return self.hits / max(1, self.asked)


async def ask_around(questions: Sequence[str], times: int, *, gone: Sequence[str] = (), seed: int = 7) -> Served:
    """Each question by so many customers, in a seeded order. No saved answer may say anything that is `gone`, nor rest
    on a passage that does not stand as it did, looked at right after it was served."""
    order = [question for question in questions for _ in range(times)]
    random.Random(seed).shuffle(order)
    found = Served()
    for question in order:
        reply = await answered(question)
        await finished_behind()
        found.asked += 1
        if reply.saved_answer_id:
            found.hits += 1
            stale = await in_database(_rests_on_what_changed, reply)
            found.stale += [f"{question}: {reply.text}"] if stale or any(one in reply.text for one in gone) else []
    return found


def _rests_on_what_changed(reply: Reply) -> bool:
    assert reply.saved_answer_id
    sources = SavedAnswer.objects.get(pk=reply.saved_answer_id).sources
    standing = sources.filter(document__removed_at=None, document__live_version=F("version"))
    return not sources.exists() or sources.count() != standing.count()


def replace_text(title: str, text: str) -> None:
    """A new version of a document, as a worker makes it live."""
    document = Document.objects.get(title=title)
    before = document.live_version
    assert before
    version = DocumentVersion.objects.create(
        document=document,
        number=before.number + 1,
        file="unused.md",
        sha256=before.sha256[::-1],
        size=len(text),
        format="markdown",
        state=DocumentVersion.State.READY,
        language=before.language,
        text=text,
        chunks_done=1,
        chunks_total=1,
        ready_at=before.ready_at,
    )
    words = analyse(text, version.language, heading=title)
    chunk = Chunk.objects.create(
        version=version, ordinal=0, text=text, start=0, end=len(text), words=words.vector, length=words.length
    )
    embed([chunk])
    Document.objects.filter(pk=document.pk).update(live_version=version)


def take_away(title: str) -> None:
    remove(Document.objects.get(title=title))
