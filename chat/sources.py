"""A cited passage as people read it: what is marked in it, where it stands, and whether it still does."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from chat.models import Source
from knowledge.access import Viewer
from knowledge.models import Chunk, Document

SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n+")
WORD = re.compile(r"\w+")
IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
MARKUP = re.compile(r"^#{1,6}\s+|\*\*|__|`", re.MULTILINE)
NEIGHBOUR_CHARACTERS = 400
AROUND_A_MARK = 4  # pieces: two sentences and the space behind each
LEAST_OVERLAP = 0.5  # of a passage's sentence that the answer's sentence must share for it to be marked


@dataclass(frozen=True)
class Piece:
    text: str
    is_marked: bool


class Pieces(tuple[Piece, ...]):
    """A whole passage; `excerpt` is what stands around its marks, for where there is little room."""

    @property
    def excerpt(self) -> tuple[Piece, ...]:
        marks = [index for index, piece in enumerate(self) if piece.is_marked]
        if not marks:
            return self
        first, last = max(0, marks[0] - AROUND_A_MARK), marks[-1] + AROUND_A_MARK + 1
        dots = Piece(" … ", is_marked=False)
        return (*((dots,) if first else ()), *self[first:last], *((dots,) if last < len(self) else ()))


@dataclass(frozen=True)
class CitedPassage:
    """What the page shows when a citation is opened. A removed document shows its title and no text."""

    id: uuid.UUID
    number: int
    reply_id: uuid.UUID
    conversation_id: uuid.UUID
    title: str
    place: str
    updated_at: datetime | None
    is_removed: bool
    is_outdated: bool
    pieces: Pieces = Pieces()  # noqa: RUF009 (an empty tuple)
    before: str = ""
    after: str = ""


def cited_passage(source: Source, viewer: Viewer) -> CitedPassage:
    """The passage of a source, as far as the viewer may (still) read its document (A12, F54)."""
    readable = Document.objects.visible_to(viewer).select_related("live_version")
    document = readable.filter(pk=source.document_id).first() if source.document_id else None
    live = document.live_version if document else None
    before, after = _neighbours(source, viewer)
    return CitedPassage(
        id=source.pk,
        number=source.number,
        reply_id=source.reply_id,
        conversation_id=source.reply.conversation_id,
        title=source.title,
        place=source.place,
        updated_at=live.ready_at if live else None,
        is_removed=document is None,
        is_outdated=bool(live and live.number != source.version_number),
        pieces=mark(source.text, _citing(source.reply.text, source.number)) if document else Pieces(),
        before=before,
        after=after,
    )


def mark(passage: str, sentences: list[str]) -> Pieces:
    """Cut a passage into pieces, marking its sentences that share most words with one of `sentences`.

    The marks of Markdown that say nothing to a reader are left out.
    """
    wanted = [_words(sentence) for sentence in sentences]
    pieces = []
    for sentence in _cut(MARKUP.sub("", passage)):
        words = _words(sentence)
        overlap = max((len(words & other) / len(words) for other in wanted), default=0) if words else 0
        text = sentence.rstrip()
        pieces += [Piece(text, overlap > LEAST_OVERLAP), Piece(sentence[len(text) :], is_marked=False)]
    return Pieces(piece for piece in pieces if piece.text)


def _cut(text: str) -> list[str]:
    """Sentences and lines with the white space behind them: joined they are the text."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True) if a < b]


def _citing(answer: str, number: int) -> list[str]:
    """The sentences of an answer that end in the citation of this number."""
    lines = re.split(r"(?<=\])(?=\s|$|[^\[\s])|\n", answer)
    return [line for line in lines if f"[{number}]" in line]


def _words(text: str) -> set[str]:
    text = re.sub(r"\[\d+\]", "", text.lower())
    return set(IDEOGRAPH.findall(text)) | set(WORD.findall(IDEOGRAPH.sub(" ", text)))


def _neighbours(source: Source, viewer: Viewer) -> tuple[str, str]:
    """The text around the passage in its document, if its chunk is still there for this viewer."""
    chunk = Chunk.objects.visible_to(viewer).filter(pk=source.chunk_id).first() if source.chunk_id else None
    if chunk is None:
        return "", ""
    near = Chunk.objects.visible_to(viewer).filter(version=chunk.version_id)
    texts = dict(near.filter(ordinal__in=[chunk.ordinal - 1, chunk.ordinal + 1]).values_list("ordinal", "text"))
    before, after = texts.get(chunk.ordinal - 1, ""), texts.get(chunk.ordinal + 1, "")
    return before[-NEIGHBOUR_CHARACTERS:], after[:NEIGHBOUR_CHARACTERS]
