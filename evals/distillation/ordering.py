"""Orders of questions: what the strong model is to write them from, how many, and for how much money at most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from evals.datasets.writing import parts_of
from evals.distillation import unanswered
from evals.distillation.documents import Library
from evals.distillation.options import Refused
from evals.models import QuestionOrder
from knowledge.models import Document

MOST = 200  # questions of one order
MOST_DOCUMENTS = 40
ONE_AT_A_TIME = 7_305_011  # the key of the lock under which orders are noted
SILENT_FOR = timedelta(minutes=5)  # then its worker is dead
LEFT_OUT = {  # of whole steps; of questions see `writing.DROPPED`
    "gone": "the document or the reply is not there any more",
    "answered": "were answered, as it turns out",
    "still_nothing": "no document has anything for them",
    "nothing": "the passages found do not answer them",
    "unfit": "the answer could not be learned from",
}
State, Source = QuestionOrder.State, QuestionOrder.Source


def from_documents(
    documents: Sequence[Document], *, wanted: int, languages: str = "", budget: int | None, by: int | None
) -> QuestionOrder:
    """Note that so many questions are to be written, spread over the documents. Raises `Refused`.

    `budget` is in microdollars. What not everybody may read is not taught: a model that has learned it could tell it.
    """
    if Library().objection_to([document.pk for document in documents]):
        raise Refused(
            "What not everybody may read is not taught: a model that has learned it could tell it to anybody."
        )
    share, rest = divmod(min(max(wanted, 1), MOST), max(1, len(documents)))
    plan = []
    for place, document in enumerate(documents[:MOST_DOCUMENTS]):
        of = share + (place < rest)
        plan += [
            {"document": str(document.pk), "part": number, "of": of, "wanted": part.wanted}
            for number, part in enumerate(parts_of(document, of) if of else ())
        ]
    if not plan:
        raise Refused("None of these documents has text that is live. Wait until one is ready, or upload it again.")
    titles = documents[0].title if len(documents) == 1 else f"{len(documents)} documents"
    return _order(Source.DOCUMENT, titles, plan, languages=languages, budget=budget, by=by)


def from_unanswered(*, days: int, wanted: int, budget: int | None, by: int | None) -> QuestionOrder:
    """Note that questions which got no answer are to be written anew. Raises `Refused`."""
    found = unanswered.candidates(days)
    if not found:
        raise Refused(f"In {days} days there is no reply that was disliked or that rests on nothing.")
    plan = [{"reply": str(reply.pk)} for reply in found[: min(max(wanted, 1), MOST)]]
    return _order(Source.UNANSWERED, f"Unanswered questions of {days} days", plan, budget=budget, by=by)


def stop(order: QuestionOrder) -> bool:
    """Let what is in flight end, and begin nothing more. False where it has ended already."""
    waiting = QuestionOrder.objects.open().filter(pk=order.pk)
    return bool(waiting.update(state=State.STOPPED, ended_at=timezone.now(), problem=""))


def resume(order: QuestionOrder, *, budget: int | None = None) -> bool:
    """Go on with what is missing, with more money where `budget` (microdollars, in all) says so."""
    ended = QuestionOrder.objects.filter(pk=order.pk, state__in=[State.STOPPED, State.FAILED, State.OVER_BUDGET])
    more = {"budget_microdollars": budget} if budget is not None else {}
    return bool(ended.update(state=State.WAITING, heartbeat_at=None, ended_at=None, problem="", **more))


def abandoned() -> list[int]:
    """Open orders at which nobody has worked for a while."""
    long_ago = timezone.now() - SILENT_FOR
    silent = Q(heartbeat_at__lt=long_ago) | Q(heartbeat_at=None, created_at__lt=long_ago)
    return list(QuestionOrder.objects.open().filter(silent).values_list("pk", flat=True))


def _order(source: str, title: str, plan: Sequence[dict[str, Any]], **more: Any) -> QuestionOrder:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])  # two clicks are one order
        if QuestionOrder.objects.open().filter(source=source, plan=list(plan)).exists():
            raise Refused("These questions are being written already. They appear below.")
        return QuestionOrder.objects.create(
            source=source,
            title=title[:255],
            plan=list(plan),
            languages=str(more.get("languages", ""))[:60],
            budget_microdollars=more["budget"],
            created_by_id=more["by"],
            is_demo=settings.LLM_DEMO,
        )
