"""A step of an order: the passages of one part of a document, or what a search finds now for a question that got no
answer; and what is asked already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chat.models import Reply
from evals.datasets.writing import parts_of
from evals.distillation import unanswered, writing
from evals.distillation.documents import Library
from evals.models import CaseRevision, TrainingQuestion
from knowledge.models import Document
from llm.database import in_database

COMPARED = 5_000  # questions, the latest


@dataclass(frozen=True)
class Step:
    """What one call writes from."""

    given: writing.Given
    document: Document | None
    audience: str
    reply: Reply | None = None


async def step_of(planned: dict[str, Any]) -> Step | str:
    """What is to be written from; or why nothing is: the document is gone, the reply did answer, nothing is found."""
    if "reply" not in planned:
        return await in_database(_part, planned)
    reply = await in_database(_reply, planned["reply"])
    if reply is None:
        return "gone"
    if not await unanswered.was_not_answered(reply):
        return "answered"
    asked, audience = await in_database(unanswered.asked_in, reply)
    passages = (await unanswered.found_now(asked, audience)).passages
    library = Library()
    found = [one for one in passages if not await in_database(library.objection_to, [one.document_id])]
    if not found:
        return "still_nothing"
    document = await in_database(Document.objects.filter(pk=found[0].document_id).first)
    return Step(writing.given_found(asked, found), document, audience.value, reply)


def _part(planned: dict[str, Any]) -> Step | str:
    found = Document.objects.filter(pk=planned["document"], removed_at=None)
    document = found.select_related("collection", "live_version").first()
    parts = parts_of(document, planned["of"]) if document else []
    if document is None or planned["part"] >= len(parts) or Library().objection_to([document.pk]):
        return "gone"
    return Step(writing.given_part(parts[planned["part"]], document.title), document, document.collection.audience)


def _reply(pk: str) -> Reply | None:
    rows = Reply.objects.select_related("question__conversation__customer", "conversation", "feedback")
    return rows.filter(pk=pk).first()


def known_now() -> writing.Known:
    """What is asked already, and what measures."""
    asked = TrainingQuestion.objects.order_by("-pk").values_list("question", flat=True)[:COMPARED]
    golden = list(CaseRevision.objects.present().order_by("-pk").values_list("content__question", "content__cluster"))
    questions = [str(question) for question, _ in golden[:COMPARED] if question]
    return writing.Known(list(asked), questions, frozenset(str(cluster) for _, cluster in golden if cluster))
