"""Conversations as rows: taking a question, opening a reply, closing it with one end state."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat import answer_cache
from chat.context import Draft, Turn
from chat.errors import Unwelcome
from chat.events import ActionProposed
from chat.memory import history_of
from chat.models import Action, Conversation, Finding, Question, Reply, Source
from chat.privacy.masks import Masks
from chat.versions.states import live_version
from knowledge.access import Viewer
from knowledge.models import Chunk
from knowledge.search import Passage
from llm.cleaning import clean

TITLE_CHARACTERS = 80


@dataclass(frozen=True)
class Opened:
    """A reply row that waits for its text. Without a `turn` the question had been sent before."""

    reply_id: uuid.UUID
    conversation_id: uuid.UUID
    turn: Turn | None = None


def check_question(text: str) -> str:
    """The question without control characters. Raises `Unwelcome` if it is empty or too long."""
    question = clean(text).strip()
    if not question:
        raise Unwelcome("unreadable" if text.strip() else "empty")
    if len(question) > settings.CHAT_MAX_QUESTION_CHARACTERS:
        raise Unwelcome("too_long", limit=settings.CHAT_MAX_QUESTION_CHARACTERS)
    return question


@transaction.atomic
def open_question(viewer: Viewer, *, conversation_id: uuid.UUID, client_id: uuid.UUID, text: str) -> Opened:
    """Store a question and open its reply. The same `client_id` again gives the reply that is there.

    Raises `Unwelcome`: the text is not usable, the conversation is another's, or a reply is still being written.
    """
    conversation = _locked(viewer, conversation_id) or _begin(viewer, conversation_id)
    if sent := find_sent(viewer, conversation_id=conversation_id, client_id=client_id):
        return sent
    _wait_for_none(conversation)
    number = conversation.questions.count() + 1
    question = Question.objects.create(conversation=conversation, client_id=client_id, text=text, number=number)
    if not conversation.title:
        conversation.title = text[:TITLE_CHARACTERS]
    return _open(conversation, question, viewer)


def find_sent(viewer: Viewer, *, conversation_id: uuid.UUID, client_id: uuid.UUID, **_: str) -> Opened | None:
    """What was opened when the page sent this question before: a double send is one question (F21)."""
    replies = Reply.objects.visible_to(viewer).select_related("question")
    sent = replies.filter(question__client_id=client_id, conversation_id=conversation_id).last()
    return Opened(sent.pk, conversation_id) if sent else None


@transaction.atomic
def open_again(viewer: Viewer, *, reply_id: uuid.UUID, go_on: bool = False) -> Opened:
    """Open another variant of a reply, or one that goes on where a cut one stopped. Raises `Unwelcome`."""
    before = Reply.objects.visible_to(viewer).select_related("question").filter(pk=reply_id).first()
    conversation = before and _locked(viewer, before.conversation_id)
    if not before or not conversation:
        raise Unwelcome("not_found")
    _wait_for_none(conversation)
    if not go_on:
        answer_cache.doubt(before, "asked again")
    return _open(conversation, before.question, viewer, _draft_of(before, viewer) if go_on else None)


def close(
    reply_id: uuid.UUID,
    *,
    sources: Sequence[Passage] = (),
    findings: Iterable[dict[str, Any]] = (),
    proposed: Iterable[ActionProposed] = (),
    **end: Any,
) -> bool:
    """Give a reply its end state, once: a reply that has ended stays as it is, and False is returned."""
    with transaction.atomic():
        streaming = Reply.objects.filter(pk=reply_id, status=Reply.Status.STREAMING)
        if not streaming.update(ended_at=timezone.now(), heartbeat_at=timezone.now(), notice="", **end):
            return False
        Source.objects.filter(reply_id=reply_id, number__gt=len(sources)).delete()
        _keep_sources(reply_id, sources)
        Finding.objects.bulk_create(Finding(reply_id=reply_id, **finding) for finding in findings)
        if end.get("status") == Reply.Status.DONE:  # the cards of one that broke off come with the next try
            _keep_actions(reply_id, proposed)
        Conversation.objects.filter(replies=reply_id).update(changes=F("changes") + 1, updated_at=timezone.now())
    return True


def heartbeat(reply_id: uuid.UUID, text: str, sources: Sequence[Passage], notice: str = "") -> bool:
    """Keep what is written so far, and what the page says while there is nothing.

    Returns whether to go on: nobody asked to stop, nobody has ended or removed it.
    """
    streaming = Reply.objects.filter(pk=reply_id, status=Reply.Status.STREAMING)
    if not streaming.update(text=text, notice=notice, heartbeat_at=timezone.now()):
        return False
    _keep_sources(reply_id, sources)
    return streaming.filter(stop_requested_at=None).exists()


def request_stop(viewer: Viewer, conversation_id: uuid.UUID) -> bool:
    """Ask the process that writes this viewer's reply, whichever it is, to stop. False: none is being written."""
    streaming = Reply.objects.visible_to(viewer).filter(conversation_id=conversation_id, status=Reply.Status.STREAMING)
    return bool(streaming.update(stop_requested_at=timezone.now()))


def interrupt_stale() -> int:
    """End the replies whose process has died; what was written stays. Returns how many there were."""
    died = timezone.now() - timedelta(seconds=settings.CHAT_STALE_SECONDS)
    stale = Reply.objects.filter(status=Reply.Status.STREAMING, heartbeat_at__lt=died)
    return sum(
        close(pk, status=Reply.Status.INTERRUPTED, failure_code="interrupted")
        for pk in stale.values_list("pk", flat=True)
    )


def _locked(viewer: Viewer, conversation_id: uuid.UUID) -> Conversation | None:
    own = Conversation.objects.visible_to(viewer).select_for_update()
    return own.filter(pk=conversation_id).first()


def _begin(viewer: Viewer, conversation_id: uuid.UUID) -> Conversation:
    """A new conversation of the viewer, under the id that its page was given."""
    owner = {"customer_id": viewer.user_id} if viewer.user_id else {"visitor": viewer.visitor}
    conversation, is_new = Conversation.objects.get_or_create(pk=conversation_id, defaults=owner)
    if not is_new:  # somebody else's, or begun by another tab in this very moment
        mine = _locked(viewer, conversation_id)
        if mine is None:
            raise Unwelcome("not_found")
        return mine
    return conversation


def _wait_for_none(conversation: Conversation) -> None:
    if conversation.replies.filter(status=Reply.Status.STREAMING).exists():
        raise Unwelcome("still_answering")


def _open(conversation: Conversation, question: Question, viewer: Viewer, draft: Draft | None = None) -> Opened:
    version = live_version()
    reply = Reply.objects.create(
        conversation=conversation,
        question=question,
        variant=question.replies.count() + 1,
        text=draft.text if draft else "",
        version_id=version.id,
    )
    summary, history = history_of(conversation, before=question.number)
    turn = Turn(
        question.text,
        viewer,
        version,
        history=history,
        summary=summary,
        draft=draft,
        variant=reply.variant,
        id=reply.pk,
        masks=_masks_of(conversation, before=question.number),
    )
    conversation.changes += 1
    conversation.save(update_fields=["changes", "title", "updated_at"])
    return Opened(reply.pk, conversation.pk, turn)


def _keep_actions(reply_id: uuid.UUID, actions: Iterable[ActionProposed]) -> None:
    Action.objects.bulk_create(
        Action(reply_id=reply_id, place=place, tool=action.tool, arguments=action.arguments)
        for place, action in enumerate(actions, start=1)
    )


def _masks_of(conversation: Conversation, *, before: int) -> Masks:
    """The placeholders as all earlier questions made them, also those too old for the history."""
    masks = Masks()
    for text in conversation.questions.filter(number__lt=before).order_by("number").values_list("text", flat=True):
        masks.mask(text, own=True)
    return masks


def _keep_sources(reply_id: uuid.UUID, sources: Sequence[Passage]) -> None:
    rows = [_source(reply_id, number, passage) for number, passage in enumerate(sources, start=1)]
    Source.objects.bulk_create(rows, ignore_conflicts=True)


def _source(reply_id: uuid.UUID, number: int, passage: Passage) -> Source:
    return Source(
        reply_id=reply_id,
        number=number,
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        title=passage.title,
        place=passage.place,
        version_number=passage.version_number,
        text=passage.text,
        score=passage.score,
    )


def _draft_of(reply: Reply, viewer: Viewer) -> Draft | None:
    """A cut reply as a draft; None, to begin afresh, if a passage that it cites may not be read any more."""
    readable = Chunk.objects.visible_to(viewer)
    sources = reply.sources.filter(chunk__in=readable).select_related("chunk")
    if not reply.text or len(sources) < reply.sources.count():
        return None
    passages = tuple(
        Passage(
            chunk_id=source.chunk_id or 0,
            document_id=source.document_id or uuid.UUID(int=0),
            version_number=source.version_number,
            title=source.title,
            heading=source.chunk.heading if source.chunk else "",
            page=source.chunk.page if source.chunk else None,
            text=source.text,
            score=source.score,
        )
        for source in sources
    )
    return Draft(reply.text, passages)
